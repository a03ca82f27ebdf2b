# Stands in for the measurement of baselines in images that keep none.
        .section int.text, "ax"
        .globl  plastic_baselines
plastic_baselines:
        blr

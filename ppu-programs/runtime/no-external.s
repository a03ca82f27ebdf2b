# Stands in for the start values of states in external memory in images that have none.
        .section int.text, "ax"
        .globl  plastic_external_start
plastic_external_start:
        blr

# Table look-up for the lanes of one vector, in place: there is no gather in the vector unit.

        .section int.text, "ax"

# r3 = table of halfwords; plastic_lane_scratch holds 64 indices and gets the entries. Changes r4..r6, ctr.
        .globl  plastic_gather
plastic_gather:
        li      4, 64
        mtctr   4
        li      4, plastic_lane_scratch@l
1:      lhz     5, 0(4)
        rlwinm  5, 5, 1, 0, 30
        lhzx    6, 3, 5
        sth     6, 0(4)
        addi    4, 4, 2
        bdnz    1b
        sync
        blr

# Table look-up for the lanes of one vector, in place: there is no gather in the vector unit.

        .section int.text, "ax"

# r3 = table of halfwords; plastic_lane_scratch holds 64 indices and gets the entries. Changes r4..r12, ctr.
# Eight lanes at a time, in words of two, so that no load waits for the one before it.
        .globl  plastic_gather
plastic_gather:
        li      4, 8
        mtctr   4
        li      4, plastic_lane_scratch@l
1:      lwz     5, 0(4)
        lwz     6, 4(4)
        lwz     7, 8(4)
        lwz     8, 12(4)
        rlwinm  9, 5, 17, 15, 30        # twice the index in the upper half
        rlwinm  5, 5, 1, 15, 30         # and in the lower one
        rlwinm  10, 6, 17, 15, 30
        rlwinm  6, 6, 1, 15, 30
        rlwinm  11, 7, 17, 15, 30
        rlwinm  7, 7, 1, 15, 30
        rlwinm  12, 8, 17, 15, 30
        rlwinm  8, 8, 1, 15, 30
        lhzx    9, 3, 9
        lhzx    5, 3, 5
        lhzx    10, 3, 10
        lhzx    6, 3, 6
        lhzx    11, 3, 11
        lhzx    7, 3, 7
        lhzx    12, 3, 12
        lhzx    8, 3, 8
        rlwimi  5, 9, 16, 0, 15
        rlwimi  6, 10, 16, 0, 15
        rlwimi  7, 11, 16, 0, 15
        rlwimi  8, 12, 16, 0, 15
        stw     5, 0(4)
        stw     6, 4(4)
        stw     7, 8(4)
        stw     8, 12(4)
        addi    4, 4, 16
        bdnz    1b
        sync
        blr

# Clears the spike counters of the used columns whose mask at plastic_lane_scratch is not 0.

        .section int.text, "ax"

# r3 = descriptor. Changes r0, r3..r12, cr0.
        .globl  plastic_reset_masked_rates
plastic_reset_masked_rates:
        mflr    0
        mr      6, 3
        lwz     7, 20(6)                # hemisphere: 128 neurons of 16 bytes
        rlwinm  7, 7, 11, 0, 20
        lis     8, 0x8048               # 0x80000000 + 4 * 0x00122c00
        ori     8, 8, 0xb000
        add     7, 7, 8
        li      11, 0                   # column
each_counter:
        rlwinm  12, 11, 31, 25, 31
        rlwinm  4, 11, 7, 24, 24
        add     12, 12, 4
        add     12, 12, 6
        lbz     12, 32(12)
        cmpwi   12, 0
        beq     skip_counter
        mr      3, 11
        bl      plastic_lane_at
        cmpwi   3, 0
        beq     skip_counter
        rlwinm  8, 11, 4, 21, 27        # 16 * (column mod 128)
        rlwinm  9, 11, 10, 14, 14       # 0x20000 from column 128 on
        add     8, 8, 9
        li      10, 0
        stwx    10, 7, 8
skip_counter:
        addi    11, 11, 1
        cmpwi   11, 256
        blt     each_counter
        mtlr    0
        blr

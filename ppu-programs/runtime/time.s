# Microseconds since the origin of time.

        .section int.text, "ax"

# r3 = (time base - origin) / 250, low 31 bits. Changes r4..r9, cr0, xer.
        .globl  plastic_time
plastic_time:
        mfspr   3, 285
        mfspr   4, 284
        mfspr   5, 285
        cmpw    3, 5
        bne     plastic_time
        lwz     5, 0x3028(0)
        lwz     6, 0x302c(0)
        subfc   4, 6, 4
        subfe   3, 5, 3
        # 2^32 = 17179869 * 250 + 46.
        li      5, 250
        divwu   6, 4, 5
        mullw   7, 6, 5
        subf    7, 7, 4
        mulli   8, 3, 46
        add     7, 7, 8
        divwu   7, 7, 5
        add     6, 6, 7
        lis     7, 262
        ori     7, 7, 9437              # 17179869
        mullw   8, 3, 7
        add     3, 6, 8
        rlwinm  3, 3, 0, 1, 31
        blr

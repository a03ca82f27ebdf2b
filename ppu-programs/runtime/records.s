# Room for a record in external memory.

        .section int.text, "ax"

# r3 = kind << 16 | row, r4 = bytes (a multiple of 16) -> r3 = its scalar address with the header written, or 0 if the
# memory is full. Changes r0, r3..r8, cr0.
        .globl  plastic_record
plastic_record:
        lwz     5, 0x3048(0)            # bytes used
        lwz     6, plastic_config+32@l(0)
        add     7, 5, 4
        cmplw   7, 6
        bgt     1f
        stw     7, 0x3048(0)
        lwz     6, plastic_config+28@l(0)
        lwz     8, 0x3200+24(0)         # external base
        add     5, 5, 6
        add     5, 5, 8
        oris    5, 5, 0x4000
        mfspr   6, 284
        lwz     8, 0x303c(0)            # executions so far
        # Stores last: a load behind them would wait for the external memory.
        stw     3, 0(5)
        stw     6, 4(5)
        stw     8, 8(5)
        mr      3, 5
        blr
1:      lwz     5, 0x304c(0)            # dropped
        addi    5, 5, 1
        stw     5, 0x304c(0)
        li      3, 0
        blr

# Spike counters of the own hemisphere over the Omnibus. Both routines take a block descriptor in r3, read the span of
# columns named there and change r0, r3..r12, ctr and cr0.

        .section int.text, "ax"

# r3 = descriptor, r5 = offset of the kind of register -> r8 = Omnibus byte address of the first even column of the
# span, r6 = that column, ctr = pairs of columns, cr0 says whether there are any. Columns 128..255 lie 0x20000 on.
counters:
        lwz     6, 8(3)                 # first column
        lwz     7, 12(3)                # columns
        add     7, 6, 7
        rlwinm  6, 6, 0, 0, 30          # its pair
        subf    7, 6, 7
        addi    7, 7, 1
        srawi   7, 7, 1
        mtctr   7
        lwz     8, 20(3)                # hemisphere: 128 neurons of 16 bytes
        rlwinm  8, 8, 11, 0, 20
        lis     4, 0x8048               # 0x80000000 + 4 * 0x00122000
        ori     4, 4, 0x8000
        add     8, 8, 4
        add     8, 8, 5
        rlwinm  4, 6, 4, 21, 27         # 16 * (column mod 128)
        add     8, 8, 4
        rlwinm  4, 6, 10, 14, 14        # 0x20000 from column 128 on
        add     8, 8, 4
        cmpwi   7, 0
        blr

# r6 = first column, r7 = pairs -> cr0 eq if eight columns at a time will do, and then their number in ctr. Changes r4.
eights: rlwinm  4, 6, 31, 1, 31         # pairs before the first
        or      4, 4, 7
        andi.   4, 4, 3
        bnelr
        rlwinm  7, 7, 30, 2, 31
        mtctr   7
        blr

# Reads the counters into plastic_rates: even columns, then odd ones; an overflowed counter counts as 255.
        .globl  plastic_read_rates
plastic_read_rates:
        mflr    10
        li      5, 0x2000               # 4 * 0x800
        bl      counters
        rlwinm  9, 6, 31, 1, 31
        addi    9, 9, plastic_rates@l
        ble     back
        bl      eights
        bne     2f
        mtlr    10
# A turn takes eight columns. Their overflow bits, one to a byte, become bytes of ones: 256 * bits - bits.
1:      lwz     0, 0(8)
        lwz     3, 16(8)
        lwz     4, 32(8)
        lwz     5, 48(8)
        lwz     7, 64(8)
        lwz     10, 80(8)
        lwz     11, 96(8)
        lwz     12, 112(8)
        addi    8, 8, 128
        rlwinm  6, 0, 16, 7, 7
        rlwimi  6, 4, 8, 15, 15
        rlwimi  6, 7, 0, 23, 23
        rlwimi  6, 11, 24, 31, 31
        rlwimi  11, 7, 8, 16, 23
        rlwimi  11, 4, 16, 8, 15
        rlwimi  11, 0, 24, 0, 7
        rlwinm  0, 6, 8, 0, 23
        subf    0, 6, 0
        or      11, 11, 0
        rlwinm  6, 3, 16, 7, 7
        rlwimi  6, 5, 8, 15, 15
        rlwimi  6, 10, 0, 23, 23
        rlwimi  6, 12, 24, 31, 31
        rlwimi  12, 10, 8, 16, 23
        rlwimi  12, 5, 16, 8, 15
        rlwimi  12, 3, 24, 0, 7
        rlwinm  0, 6, 8, 0, 23
        subf    0, 6, 0
        or      12, 12, 0
        andi.   6, 8, 0x7ff             # the end of a half of the columns
        stw     11, 0(9)
        stw     12, 128(9)
        addi    9, 9, 4
        bne     4f
        addis   8, 8, 2
        addi    8, 8, -0x800
4:      bdnz    1b
        sync
        blr
2:      addi    9, 9, -1
        lis     7, 0x0001               # from the end of the first half to the second: 0x20000 - 128 * 16
        ori     7, 7, 0xf800
        li      3, 128
3:      lwz     0, 0(8)
        lwz     11, 16(8)
        addi    8, 8, 32
        addi    6, 6, 2
        cmpwi   6, 128
        rlwinm  12, 0, 24, 31, 31       # overflow
        rlwinm  4, 11, 24, 31, 31
        neg     12, 12
        neg     4, 4
        or      0, 0, 12
        or      11, 11, 4
        addi    9, 9, 1
        stb     0, 0(9)
        stbx    11, 9, 3
        bne     5f
        add     8, 8, 7
5:      bdnz    3b
        sync
back:   mtlr    10
        blr

# Clears the counters.
        .globl  plastic_reset_rates
plastic_reset_rates:
        mflr    10
        li      5, 0x3000               # 4 * 0xc00
        bl      counters
        li      9, 0
        ble     back
        bl      eights
        bne     7f
6:      stw     9, 0(8)
        stw     9, 16(8)
        stw     9, 32(8)
        stw     9, 48(8)
        stw     9, 64(8)
        stw     9, 80(8)
        stw     9, 96(8)
        stw     9, 112(8)
        addi    8, 8, 128
        andi.   6, 8, 0x7ff
        bne     8f
        addis   8, 8, 2
        addi    8, 8, -0x800
8:      bdnz    6b
        b       back
7:      lis     7, 0x0001
        ori     7, 7, 0xf800
9:      stw     9, 0(8)
        stw     9, 16(8)
        addi    8, 8, 32
        addi    6, 6, 2
        cmpwi   6, 128
        bne     10f
        add     8, 8, 7
10:     bdnz    9b
        b       back

        .section int.bss, "aw", @nobits
        .balign 4
        .globl  plastic_rates
plastic_rates:  .space 256

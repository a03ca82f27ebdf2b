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

# Reads the counters into plastic_rates: even columns, then odd ones; an overflowed counter counts as 255.
        .globl  plastic_read_rates
plastic_read_rates:
        mflr    0
        li      5, 0x2000               # 4 * 0x800
        bl      counters
        mtlr    0
        blelr
        lis     7, 0x0001               # from the end of the first half to the second: 0x20000 - 128 * 16
        ori     7, 7, 0xf800
        srawi   9, 6, 1
        addi    9, 9, plastic_rates@l-1
        li      3, 128
1:      lwz     10, 0(8)
        lwz     11, 16(8)
        addi    8, 8, 32
        addi    6, 6, 2
        cmpwi   6, 128
        rlwinm  12, 10, 24, 31, 31      # overflow
        rlwinm  4, 11, 24, 31, 31
        neg     12, 12
        neg     4, 4
        or      10, 10, 12
        or      11, 11, 4
        addi    9, 9, 1
        stb     10, 0(9)
        stbx    11, 9, 3
        bne     2f
        add     8, 8, 7
2:      bdnz    1b
        sync
        blr

# Clears the counters.
        .globl  plastic_reset_rates
plastic_reset_rates:
        mflr    0
        li      5, 0x3000               # 4 * 0xc00
        bl      counters
        mtlr    0
        blelr
        lis     7, 0x0001
        ori     7, 7, 0xf800
        li      10, 0
3:      stw     10, 0(8)
        stw     10, 16(8)
        addi    8, 8, 32
        addi    6, 6, 2
        cmpwi   6, 128
        bne     4f
        add     8, 8, 7
4:      bdnz    3b
        blr

        .section int.bss, "aw", @nobits
        .balign 4
        .globl  plastic_rates
plastic_rates:  .space 256

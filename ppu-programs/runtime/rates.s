# Spike counters of the own hemisphere over the Omnibus. Both routines take a block descriptor in r3, read the span of
# columns named there and change r0, r3..r12, ctr and cr0.

        .section int.text, "ax"

# r3 = descriptor -> r4 = Omnibus byte address of column 0's counter (offset r5 added), r6 = first column,
# r7 = number of columns. Counters of columns 0..127 lie in one half, 128..255 in the other.
counters:
        lwz     6, 8(3)
        lwz     7, 12(3)
        lwz     8, 20(3)                # hemisphere
        lis     4, 0x8048               # 0x80000000 + 4 * 0x00122000 ...
        ori     4, 4, 0x8000
        add     4, 4, 5
        rlwinm  8, 8, 11, 0, 20         # 128 neurons of 16 bytes
        add     4, 4, 8
        blr

# Reads the counters into plastic_rates: even columns, then odd ones; an overflowed counter counts as 255.
        .globl  plastic_read_rates
plastic_read_rates:
        mflr    0
        li      5, 0x2000               # 4 * 0x800
        bl      counters
        mtlr    0
        cmpwi   7, 0
        blelr
        mtctr   7
1:      rlwinm  8, 6, 4, 21, 27         # 16 * (column mod 128)
        rlwinm  9, 6, 10, 14, 14        # 4 * 0x8000 for columns from 128 on
        add     8, 8, 9
        lwzx    10, 4, 8
        rlwinm  9, 6, 7, 24, 24         # 128 for odd columns
        rlwinm  11, 6, 31, 25, 31       # column / 2
        add     9, 9, 11
        rlwinm  11, 10, 24, 31, 31      # overflow
        neg     11, 11
        or      10, 10, 11
        addi    9, 9, plastic_rates@l
        stb     10, 0(9)
        addi    6, 6, 1
        bdnz    1b
        sync
        blr

# Clears the counters.
        .globl  plastic_reset_rates
plastic_reset_rates:
        mflr    0
        li      5, 0x3000               # 4 * 0xc00
        bl      counters
        mtlr    0
        cmpwi   7, 0
        blelr
        mtctr   7
        li      10, 0
2:      rlwinm  8, 6, 4, 21, 27
        rlwinm  9, 6, 10, 14, 14
        add     8, 8, 9
        stwx    10, 4, 8
        addi    6, 6, 1
        bdnz    2b
        blr

        .section int.bss, "aw", @nobits
        .balign 4
        .globl  plastic_rates
plastic_rates:  .space 256

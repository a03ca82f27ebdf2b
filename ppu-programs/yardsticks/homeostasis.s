# The yardstick for `w += stochastic(gain * (target - rate))` over all rows, a record of the rates, and a reset of the
# counters, by hand. What it does better than straightforward code: the change of each neuron is the same in all rows,
# so it is rounded to 1/256 once; a weight and its random byte unpack to one number; the clamps need three
# instructions, because the store keeps six bits of a byte. Random bytes of the next row come while this one is counted.
#
# Reads a block descriptor at 0x3200, target at 0x3680 and gain times 2^16 at 0x3684; counters over the Omnibus (top).
# Leaves the time base before and after at 0x3040 and 0x3044 and 1 at 0x3000; the record at 0x1000 in external memory.

        .section int.crt, "ax"
        .globl  _start
_start: mfspr   3, 284
        stw     3, 0x3040(0)
        lis     8, 0x8048               # counters: 0x80488000 + 0x2000
        ori     8, 8, 0xa000
        li      9, 0x27ff
        li      3, 2                    # halves of the columns
half:   li      4, 16
        mtctr   4
# Eight columns a turn; bit 8 of a counter is its overflow, which makes the byte 255.
eight:  lwz     14, 0(8)
        lwz     15, 16(8)
        lwz     16, 32(8)
        lwz     17, 48(8)
        lwz     18, 64(8)
        lwz     19, 80(8)
        lwz     20, 96(8)
        lwz     21, 112(8)
        addi    8, 8, 128
        rlwinm  22, 14, 24, 31, 31
        rlwinm  23, 15, 24, 31, 31
        rlwinm  24, 16, 24, 31, 31
        rlwinm  25, 17, 24, 31, 31
        neg     22, 22
        neg     23, 23
        neg     24, 24
        neg     25, 25
        or      14, 14, 22
        or      15, 15, 23
        or      16, 16, 24
        or      17, 17, 25
        rlwinm  22, 18, 24, 31, 31
        rlwinm  23, 19, 24, 31, 31
        rlwinm  24, 20, 24, 31, 31
        rlwinm  25, 21, 24, 31, 31
        neg     22, 22
        neg     23, 23
        neg     24, 24
        neg     25, 25
        or      18, 18, 22
        or      19, 19, 23
        or      20, 20, 24
        or      21, 21, 25
        rlwimi  20, 18, 8, 16, 23
        rlwimi  21, 19, 8, 16, 23
        rlwimi  20, 16, 16, 8, 15
        rlwimi  21, 17, 16, 8, 15
        rlwimi  20, 14, 24, 0, 7
        rlwimi  21, 15, 24, 0, 7
        stw     20, 1(9)                # even columns, then odd ones
        stw     21, 129(9)
        addi    9, 9, 4
        bdnz    eight
        lis     8, 0x804a               # columns from 128 on
        ori     8, 8, 0xa000
        addi    3, 3, -1
        cmpwi   3, 0
        bne     half
        # Nothing reads the counters any more.
        lis     8, 0x8048
        ori     8, 8, 0xb000
        lis     9, 0x804a
        ori     9, 9, 0xb000
        li      3, 16
        mtctr   3
        li      3, 0
clear:  stw     3, 0(8)
        stw     3, 16(8)
        stw     3, 32(8)
        stw     3, 48(8)
        stw     3, 64(8)
        stw     3, 80(8)
        stw     3, 96(8)
        stw     3, 112(8)
        stw     3, 0(9)
        stw     3, 16(9)
        stw     3, 32(9)
        stw     3, 48(9)
        stw     3, 64(9)
        stw     3, 80(9)
        stw     3, 96(9)
        stw     3, 112(9)
        addi    8, 8, 128
        addi    9, 9, 128
        bdnz    clear
        # The change of each neuron in 1/256, plus 0x4000: (target - rate) * gain + 1/512.
        lwz     4, 0x3680(0)
        lwz     5, 0x3684(0)
        addi    4, 4, -128
        mullw   6, 4, 5
        rlwinm  6, 6, 8, 0, 23
        addis   6, 6, 1                 # the half, and what the sign of the low half takes
        addi    6, 6, -0x8000
        addi    7, 6, 0
        addis   7, 7, 1
        addi    7, 7, -0x8000
        srawi   7, 7, 16                # upper half for a signed low half
        fxvsplath 20, 7
        fxvsplath 21, 6
        neg     5, 5
        fxvsplath 22, 5
        li      6, 0
        fxvsplath 23, 6
        li      6, 0x4000
        fxvsplath 24, 6
        li      6, -128
        fxvsplatb 25, 6
        li      6, 0x2800
        li      7, 0x2880
        fxvlax  0, 0, 6
        fxvlax  1, 0, 7
        # The record: header words and the two vectors of rates.
        lis     10, 0x4000
        stw     3, 0x1000(10)
        stw     3, 0x1004(10)
        stw     3, 0x1008(10)
        lis     11, 0x8000
        li      6, 0x101
        fxvoutx 0, 11, 6
        li      6, 0x109
        fxvoutx 1, 11, 6
        fxvaddbm 0, 0, 25
        fxvaddbm 1, 1, 25
        fxvupckbl 2, 0, 23
        fxvupckbr 3, 0, 23
        fxvupckbl 4, 1, 23
        fxvupckbr 5, 1, 23
        fxvmtachf 20
        fxvaddactachm 21
        fxvmatachm 2, 22
        fxvaddachfs 28, 24
        fxvmtachf 20
        fxvaddactachm 21
        fxvmatachm 3, 22
        fxvaddachfs 29, 24
        fxvmtachf 20
        fxvaddactachm 21
        fxvmatachm 4, 22
        fxvaddachfs 30, 24
        fxvmtachf 20
        fxvaddactachm 21
        fxvmatachm 5, 22
        fxvaddachfs 31, 24
        li      6, 0x7fff
        fxvsplath 26, 6
        li      6, 0x4001
        fxvsplath 27, 6
        li      6, 0x3220
        fxvlax  25, 0, 6
        li      6, 0x32a0
        fxvlax  24, 0, 6
        lwz     3, 0x3204(0)
        mtctr   3
        lwz     28, 0x3200(0)
        add     28, 28, 28
        addi    29, 28, 1
        lis     10, 0x000e              # random bytes
        li      11, 0
        li      12, 1
row:
        fxvinx  16, 0, 28
        fxvinx  17, 0, 29
        fxvinx  0, 10, 11               # eight draws that are thrown away, and one
        fxvinx  1, 10, 11
        fxvinx  2, 10, 11
        fxvinx  3, 10, 11
        fxvinx  4, 10, 11
        fxvinx  5, 10, 11
        fxvinx  6, 10, 11
        fxvinx  7, 10, 11
        fxvinx  18, 10, 11
        fxvinx  0, 10, 12
        fxvinx  1, 10, 12
        fxvinx  2, 10, 12
        fxvinx  3, 10, 12
        fxvinx  4, 10, 12
        fxvinx  5, 10, 12
        fxvinx  6, 10, 12
        fxvupckbl 8, 16, 18
        fxvupckbr 9, 16, 18
        fxvinx  7, 10, 12
        fxvinx  19, 10, 12
        fxvaddhfs 8, 8, 28
        fxvaddhfs 9, 9, 29
        fxvupckbl 12, 17, 19
        fxvupckbr 13, 17, 19
        fxvsubhfs 8, 8, 26
        fxvsubhfs 9, 9, 26
        fxvaddhfs 12, 12, 30
        fxvaddhfs 13, 13, 31
        fxvsubhfs 8, 8, 27
        fxvsubhfs 9, 9, 27
        fxvsubhfs 12, 12, 26
        fxvsubhfs 13, 13, 26
        fxvcmpb 25
        fxvpckbu 10, 8, 9, 0
        fxvsubhfs 12, 12, 27
        fxvsubhfs 13, 13, 27
        fxvoutx 10, 0, 28, 1
        fxvcmpb 24
        fxvpckbu 11, 12, 13, 0
        fxvoutx 11, 0, 29, 1
        addi    28, 28, 2
        addi    29, 29, 2
        bdnz    row
        sync
        mfspr   3, 284
        stw     3, 0x3044(0)
        li      3, 1
        stw     3, 0x3000(0)
        sync
sleep:  wait
        b       sleep

# The yardstick for `w += stochastic(gain * (target - rate))` over all rows, a record of the rates, and a reset of the
# counters, by hand. The change of each neuron is the same in all rows, so it is rounded to 1/256 once; a weight and its
# random byte unpack to one number; the sum saturates 64 weights too high, and the other end of the clamp is made in the
# packed bytes, which need not be put right because the store keeps six bits. Weights and random bytes of the next row
# are asked for between the instructions of the present one: the order was found by trying many.
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
        li      6, -128
        fxvsplatb 4, 6
        li      6, -64
        fxvsplatb 22, 6
        li      6, 0x3220
        fxvlax  23, 0, 6
        li      6, 0x32a0
        fxvlax  16, 0, 6
        lwz     27, 0x3204(0)
        lwz     28, 0x3200(0)
        add     28, 28, 28
        addi    29, 28, 1
        mr      24, 28                  # row that is asked for
        addi    25, 28, 1
        lis     10, 0x000e              # random bytes, as long as there is a row to ask for
        li      12, 1
        fxvinx  17, 0, 24
        fxvinx  18, 0, 25
        fxvinx  0, 0, 10                # eight draws that are thrown away, and one
        fxvinx  1, 0, 10
        fxvinx  2, 0, 10
        fxvinx  3, 0, 10
        fxvinx  5, 0, 10
        fxvinx  6, 0, 10
        fxvinx  7, 0, 10
        fxvinx  8, 0, 10
        fxvinx  15, 0, 10
        fxvinx  0, 10, 12
        fxvinx  1, 10, 12
        fxvinx  2, 10, 12
        fxvinx  3, 10, 12
        fxvinx  5, 10, 12
        fxvinx  6, 10, 12
        fxvinx  7, 10, 12
        fxvinx  8, 10, 12
        fxvinx  11, 10, 12
        cmpwi   27, 1
        addi    24, 24, 2
        addi    25, 25, 2
        ble     last
row:
        fxvinx  12, 10, 12
        fxvupckbr 13, 17, 15, 0
        fxvupckbl 19, 17, 15, 0
        fxvinx  20, 0, 10
        fxvaddhfs 24, 13, 29
        fxvinx  26, 10, 12
        fxvaddhfs 27, 19, 28
        fxvupckbr 14, 18, 11, 0
        fxvinx  21, 0, 10
        fxvinx  3, 10, 12
        fxvaddhfs 1, 14, 31
        fxvpckbu 6, 27, 24, 0
        fxvinx  7, 0, 10
        fxvinx  0, 0, 10
        fxvupckbl 2, 18, 11, 0
        fxvaddhfs 8, 2, 30
        fxvinx  9, 10, 12
        fxvinx  10, 0, 10
        fxvinx  12, 10, 12
        fxvmtacbf 6
        fxvinx  17, 10, 12
        addi    27, 27, -1
        cmpwi   27, 1
        fxvpckbu 15, 8, 1, 0
        fxvinx  20, 0, 10
        fxvaddactacbf 4
        fxvinx  13, 0, 10
        fxvinx  26, 10, 12
        fxvinx  19, 0, 10
        fxvinx  18, 0, 25
        addi    25, 25, 2
        fxvaddacbfs 21, 22
        fxvmtacbf 15
        fxvaddactacbf 4
        fxvcmpb 23
        fxvinx  17, 0, 24
        addi    24, 24, 2
        fxvaddacbfs 3, 22
        fxvinx  14, 10, 12
        fxvinx  15, 0, 10
        fxvinx  11, 10, 12
        fxvoutx 21, 0, 28, 1
        addi    28, 28, 2
        fxvcmpb 16
        fxvoutx 3, 0, 29, 1
        addi    29, 29, 2
        bgt     row
        blt     done
        # No further row: what is asked for leads to this one again, and to the weights instead of the generators.
last:   addi    24, 24, -2
        addi    25, 25, -2
        li      10, 0
        b       row
done:
        sync
        mfspr   3, 284
        stw     3, 0x3044(0)
        li      3, 1
        stw     3, 0x3000(0)
        sync
sleep:  wait
        b       sleep

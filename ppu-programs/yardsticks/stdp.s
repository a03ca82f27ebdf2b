# The yardstick for compiled code: `w += eta_plus * causal - eta_minus * acausal; reset causal, acausal` by hand, one
# sweep over a block of all columns. Same arithmetic and results as the compiler's. The next row's conversion is
# asked for as soon as the present row's codes are in use, its baselines and weights a little later, so a row costs
# little more than its conversion; rounding and the offset of the sensors share constants; the lower clamp needs no
# correction.
#
# Reads a block descriptor at 0x3200 (isa/runtime-layout.ts), eta_plus and eta_minus times 2^14 at 0x3680 and 0x3684,
# baselines in external memory from 0 on. Leaves the time base before and after at 0x3040 and 0x3044 and 1 at 0x3000.

        .section int.crt, "ax"
        .globl  _start
_start: mfspr   3, 284
        stw     3, 0x3040(0)
        lwz     4, 0x3680(0)            # eta_plus
        lwz     5, 0x3684(0)            # eta_minus
        lwz     27, 0x3204(0)           # rows
        lwz     28, 0x3200(0)
        add     28, 28, 28              # bus index of the row, even columns
        lis     29, 0x8000              # its baselines
        lis     10, 0x0008              # causal with a conversion
        lis     11, 0x0028              # causal, latched
        lis     12, 0x002c              # acausal, latched
        subf    6, 5, 4
        # 2^22 is one step of the weight in the accumulator. Upper half: 64 * (eta_plus - eta_minus) for the sensors'
        # offset. A weight's lower byte counts 2^14: the two lowest bits of that offset, and 1/2 for rounding.
        srawi   7, 6, 2
        rlwinm  8, 6, 0, 30, 31
        ori     8, 8, 128
        fxvsplath 23, 7
        fxvsplatb 31, 8
        li      7, 0x4000
        fxvsplath 30, 7
        fxvsplath 28, 4
        neg     5, 5
        fxvsplath 27, 5
        li      7, 0x7000
        fxvsplath 26, 7
        li      7, 0x7fff
        fxvsplath 25, 7
        li      7, 0x7001
        fxvsplath 24, 7
        li      7, 0
        fxvsplatb 17, 7
        li      13, -128
        li      14, 3
        li      7, 0x3220
        fxvlax  20, 0, 7
        li      7, 0x32a0
        fxvlax  19, 0, 7
        mr      30, 28                  # row that is asked for
        addi    31, 28, 1
        li      21, 8
        li      22, 16
        li      23, 24
        mr      9, 10                   # causal with a conversion, as long as there is a row to ask for
        fxvinx  0, 9, 30
        fxvinx  5, 11, 31
        fxvinx  1, 12, 30
        fxvinx  6, 12, 31
        fxvinx  3, 0, 29
        fxvinx  8, 29, 21
        fxvinx  4, 29, 22
        fxvinx  9, 29, 23
        fxvinx  2, 0, 30
        fxvinx  7, 0, 31
        cmpwi   27, 1
        addi    30, 30, 2
        addi    31, 31, 2
        addi    29, 29, 32
        ble     last
row:
        # Codes less 128, and counts less 64: baseline minus code, saturating. A conversion starts as soon as its
        # register is free.
        fxvsplatb 29, 13
        fxvaddbm  10, 0, 29
        fxvinx  0, 9, 30
        fxvaddbm  12, 5, 29
        fxvaddbm  11, 1, 29
        fxvaddbm  13, 6, 29
        fxvinx  5, 11, 31
        fxvinx  1, 12, 30
        fxvinx  6, 12, 31
        fxvsubbfs 10, 3, 10
        fxvsubbfs 12, 8, 12
        fxvsubbfs 11, 4, 11
        fxvsubbfs 13, 9, 13
        fxvupckbl 14, 2, 31
        fxvupckbr 15, 2, 31
        fxvupckbl 16, 7, 31
        fxvupckbr 22, 7, 31
        fxvinx  3, 0, 29
        fxvinx  8, 29, 21
        fxvinx  4, 29, 22
        fxvinx  9, 29, 23
        fxvinx  2, 0, 30
        fxvinx  7, 0, 31
        fxvupckbl 21, 10, 17
        fxvupckbl 18, 11, 17
        fxvmtachf 23
        fxvmatachm 14, 30
        fxvupckbr 29, 10, 17
        fxvmatachm 21, 28
        fxvmatachm 18, 27
        fxvaddachfs 14, 26
        fxvupckbr 10, 11, 17
        fxvupckbl 21, 12, 17
        fxvmtachf 23
        fxvmatachm 15, 30
        fxvmatachm 29, 28
        fxvupckbl 18, 13, 17
        fxvmatachm 10, 27
        fxvaddachfs 15, 26
        fxvupckbr 29, 12, 17
        fxvsubhfs 14, 14, 25
        fxvupckbr 10, 13, 17
        fxvmtachf 23
        fxvmatachm 16, 30
        fxvmatachm 21, 28
        fxvmatachm 18, 27
        fxvaddachfs 16, 26
        fxvsubhfs 15, 15, 25
        fxvmtachf 23
        fxvmatachm 22, 30
        fxvmatachm 29, 28
        fxvmatachm 10, 27
        fxvaddachfs 22, 26
        fxvsubhfs 14, 14, 24
        fxvsubhfs 15, 15, 24
        fxvsubhfs 16, 16, 25
        fxvsubhfs 22, 22, 25
        fxvshh  14, 14, -6
        fxvshh  15, 15, -6
        fxvsubhfs 16, 16, 24
        fxvsubhfs 22, 22, 24
        fxvsplatb 18, 14
        fxvcmpb 20
        fxvpckbl 14, 14, 15, 0
        fxvshh  16, 16, -6
        fxvshh  22, 22, -6
        fxvoutx 14, 0, 28, 1
        fxvoutx 18, 10, 28, 1
        addi    28, 28, 1
        fxvcmpb 19
        fxvpckbl 16, 16, 22, 0
        fxvoutx 16, 0, 28, 1
        fxvoutx 18, 10, 28, 1
        addi    28, 28, 1
        addi    27, 27, -1
        cmpwi   27, 1
        addi    30, 30, 2
        addi    31, 31, 2
        addi    29, 29, 32
        bgt     row
        blt     done
        # No further row: what is asked for leads to this one again, and to the weights instead of the sensors.
last:   addi    30, 30, -2
        addi    31, 31, -2
        addi    29, 29, -32
        li      9, 0
        li      11, 0
        li      12, 0
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

# The yardstick for R-STDP (rules/r_stdp.plast) by hand: one sweep of the eligibility trace and one of the weights, for
# as many rows as SRAM holds. The next row's conversion is asked for as soon as the present row's codes are in use.
# Scales are chosen so that saturation of the last step is the clamp; products with a factor that may be as large as its
# register allows are added twice. The factor of each neuron is computed once; a weight and its random byte unpack to
# one number; the lower end of the weights' clamp is made in the packed bytes. The order of the second loop was found by
# trying many.
#
# Reads a block descriptor at 0x3200; decay times 2^14, eta times 2^13 and gamma times 2^14 at 0x3680; rewards as bytes
# at 0x0c00, expectations as halfwords in the order of unpacking at 0x0d00, the trace from 0x1000 on, 256 bytes a row;
# baselines in external memory from 0 on. Leaves the time base around both sweeps at 0x3040..0x304c and 1 at 0x3000.

        .section int.crt, "ax"
        .globl  _start
_start: mfspr   3, 284
        stw     3, 0x3040(0)
        lwz     4, 0x3680(0)            # decay
        fxvsplath 28, 4
        li      7, 0x4000               # 1/2
        fxvsplath 30, 7
        li      7, -0x4000
        fxvsplath 27, 7
        li      7, 128
        fxvsplath 26, 7
        li      7, 0
        fxvsplatb 17, 7
        li      13, -128
        fxvsplatb 29, 13
        li      14, 3
        fxvsplatb 23, 14
        li      7, 0x3220
        fxvlax  20, 0, 7
        li      7, 0x32a0
        fxvlax  19, 0, 7
        lwz     27, 0x3204(0)
        lwz     28, 0x3200(0)
        add     28, 28, 28
        lis     29, 0x8000
        lis     10, 0x0008
        lis     11, 0x0028
        lis     12, 0x002c
        mr      30, 28
        addi    31, 28, 1
        li      21, 8
        li      22, 16
        li      23, 24
        li      24, 0x1000              # trace that is asked for
        li      25, 128
        li      26, 0x1000              # trace that is written
        mr      9, 10                   # causal with a conversion, as long as there is a row to ask for
        fxvinx  0, 9, 30
        fxvinx  5, 11, 31
        fxvinx  1, 12, 30
        fxvinx  6, 12, 31
        fxvinx  3, 0, 29
        fxvinx  8, 29, 21
        fxvinx  4, 29, 22
        fxvinx  9, 29, 23
        fxvlax  2, 0, 24
        fxvlax  7, 24, 25
        cmpwi   27, 1
        addi    30, 30, 2
        addi    31, 31, 2
        addi    29, 29, 32
        addi    24, 24, 256
        ble     last
trace:
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
        fxvupckbl 14, 2, 17
        fxvupckbr 15, 2, 17
        fxvupckbl 16, 7, 17
        fxvupckbr 22, 7, 17
        fxvinx  3, 0, 29
        fxvinx  8, 29, 21
        fxvinx  4, 29, 22
        fxvinx  9, 29, 23
        fxvlax  2, 0, 24
        fxvlax  7, 24, 25
        fxvupckbl 21, 10, 17
        fxvupckbl 18, 11, 17
        fxvupckbr 24, 10, 17
        fxvupckbr 25, 11, 17
        fxvmultachfs 21, 30
        fxvmatachfs 18, 27
        fxvmatachfs 14, 28
        fxvmahfs 31, 14, 28
        fxvupckbl 21, 12, 17
        fxvupckbl 18, 13, 17
        fxvmultachfs 24, 30
        fxvmatachfs 25, 27
        fxvmatachfs 15, 28
        fxvmahfs 14, 15, 28
        fxvupckbr 24, 12, 17
        fxvupckbr 25, 13, 17
        fxvmultachfs 21, 30
        fxvmatachfs 18, 27
        fxvmatachfs 16, 28
        fxvmahfs 15, 16, 28
        fxvaddhfs 31, 31, 26
        fxvaddhfs 14, 14, 26
        fxvmultachfs 24, 30
        fxvmatachfs 25, 27
        fxvmatachfs 22, 28
        fxvmahfs 16, 22, 28
        fxvpckbu 31, 31, 14, 0
        fxvaddhfs 15, 15, 26
        fxvstax 31, 0, 26
        fxvaddhfs 16, 16, 26
        fxvcmpb 20
        fxvpckbu 15, 15, 16, 0
        fxvoutx 23, 10, 28, 1
        fxvstax 15, 26, 25
        addi    28, 28, 1
        fxvcmpb 19
        fxvoutx 23, 10, 28, 1
        addi    28, 28, 1
        addi    26, 26, 256
        addi    27, 27, -1
        cmpwi   27, 1
        addi    30, 30, 2
        addi    31, 31, 2
        addi    29, 29, 32
        addi    24, 24, 256
        bgt     trace
        blt     traced
        # No further row: what is asked for leads to this one again, and to the weights instead of the sensors.
last:   addi    30, 30, -2
        addi    31, 31, -2
        addi    29, 29, -32
        addi    24, 24, -256
        li      9, 0
        li      11, 0
        li      12, 0
        b       trace
traced:
        sync
        mfspr   3, 284
        stw     3, 0x3044(0)
        sync

        # The reward has come: surprise of each neuron, its factor eta * surprise * 2^13, and its new expectation.
        mfspr   3, 284
        stw     3, 0x3048(0)
        lwz     4, 0x3684(0)
        fxvsplath 26, 4
        lwz     4, 0x3688(0)
        fxvsplath 27, 4
        li      6, 0x0c00
        fxvlax  0, 0, 6
        li      6, 0x0c80
        fxvlax  1, 0, 6
        li      6, 0x0d00
        fxvlax  2, 0, 6
        li      7, 0x0d80
        fxvlax  3, 0, 7
        li      8, 0x0e00
        fxvlax  4, 0, 8
        li      9, 0x0e80
        fxvlax  5, 0, 9
        fxvupckbl 28, 0, 17
        fxvupckbr 29, 0, 17
        fxvupckbl 30, 1, 17
        fxvupckbr 31, 1, 17
        fxvsubhfs 28, 28, 2
        fxvsubhfs 29, 29, 3
        fxvsubhfs 30, 30, 4
        fxvsubhfs 31, 31, 5
        fxvmtachf 2
        fxvmatachfs 28, 27
        fxvmahfs 6, 28, 27
        fxvmtachf 3
        fxvmatachfs 29, 27
        fxvmahfs 7, 29, 27
        fxvmtachf 4
        fxvmatachfs 30, 27
        fxvmahfs 8, 30, 27
        fxvmtachf 5
        fxvmatachfs 31, 27
        fxvmahfs 9, 31, 27
        fxvstax 6, 0, 6
        fxvstax 7, 0, 7
        fxvstax 8, 0, 8
        fxvstax 9, 0, 9
        fxvmulhfs 28, 28, 26
        fxvmulhfs 29, 29, 26
        fxvmulhfs 30, 30, 26
        fxvmulhfs 31, 31, 26
        # Constants of the loop: 0x4000 and 1/512 to round, from two parts; and the clamp of packed weights.
        li      6, -0x8000
        fxvsplath 7, 6
        li      6, 0x4001
        fxvsplath 13, 6
        li      6, -128
        fxvsplatb 22, 6
        li      6, -64
        fxvsplatb 21, 6
        lwz     27, 0x3204(0)
        lwz     28, 0x3200(0)
        add     28, 28, 28
        addi    29, 28, 1
        mr      30, 28                  # row that is asked for
        addi    31, 28, 1
        lis     10, 0x000e              # random bytes, as long as there is a row to ask for
        li      12, 1
        li      24, 0x1000              # trace that is asked for
        fxvinx  0, 0, 30
        fxvinx  18, 0, 31
        fxvlax  26, 0, 24
        fxvlax  27, 24, 25
        fxvinx  1, 0, 10
        fxvinx  2, 0, 10
        fxvinx  3, 0, 10
        fxvinx  4, 0, 10
        fxvinx  5, 0, 10
        fxvinx  6, 0, 10
        fxvinx  8, 0, 10
        fxvinx  10, 0, 10
        fxvinx  23, 0, 10
        fxvinx  1, 10, 12
        fxvinx  2, 10, 12
        fxvinx  3, 10, 12
        fxvinx  4, 10, 12
        fxvinx  5, 10, 12
        fxvinx  6, 10, 12
        fxvinx  8, 10, 12
        fxvinx  10, 10, 12
        fxvinx  9, 10, 12
        cmpwi   27, 1
        addi    30, 30, 2
        addi    31, 31, 2
        addi    24, 24, 256
        ble     final
weights:
        fxvupckbr 10, 26, 17, 0
        fxvupckbl 11, 26, 17, 0
        fxvinx  12, 10, 12
        fxvinx  5, 10, 12
        fxvupckbl 8, 0, 23, 0
        fxvmtach 7
        fxvmatachfs 11, 28
        fxvmatachfs 11, 28
        fxvupckbr 26, 0, 23, 0
        fxvaddactachf 13
        fxvinx  12, 0, 10
        fxvinx  5, 0, 10
        fxvupckbl 11, 27, 17, 0
        fxvinx  0, 10, 12
        fxvaddachfs 23, 8
        fxvmtach 7
        fxvmatachfs 10, 29
        fxvmatachfs 10, 29
        fxvupckbr 12, 27, 17, 0
        fxvaddactachf 13
        fxvaddachfs 5, 26
        fxvinx  0, 0, 10
        fxvupckbl 8, 18, 9, 0
        fxvmtach 7
        fxvmatachfs 11, 30
        fxvupckbr 10, 18, 9, 0
        fxvinx  27, 0, 10
        fxvmatachfs 11, 30
        fxvpckbu 0, 23, 5, 0
        fxvinx  26, 10, 12
        fxvaddactachf 13
        fxvinx  9, 10, 12
        addi    27, 27, -1
        cmpwi   27, 1
        fxvinx  18, 0, 10
        fxvaddachfs 27, 8
        fxvinx  11, 0, 10
        fxvmtach 7
        fxvinx  5, 10, 12
        fxvmatachfs 12, 31
        fxvinx  23, 0, 10
        fxvlax  26, 0, 24
        fxvmatachfs 12, 31
        fxvaddactachf 13
        fxvaddachfs 9, 10
        fxvmtacbf 0
        fxvaddactacbf 22
        fxvinx  18, 10, 12
        fxvpckbu 8, 27, 9, 0
        fxvaddacbfs 11, 21
        fxvcmpb 20
        fxvinx  5, 0, 10
        fxvinx  23, 10, 12
        fxvmtacbf 8
        fxvinx  0, 0, 30
        addi    30, 30, 2
        fxvoutx 11, 0, 28, 1
        addi    28, 28, 2
        fxvaddactacbf 22
        fxvaddacbfs 12, 21
        fxvcmpb 19
        fxvinx  23, 0, 10
        fxvlax  27, 24, 25
        addi    24, 24, 256
        fxvinx  9, 10, 12
        fxvinx  18, 0, 31
        addi    31, 31, 2
        fxvoutx 12, 0, 29, 1
        addi    29, 29, 2
        bgt     weights
        blt     done
        # No further row: what is asked for leads to this one again, and to the weights instead of the generators.
final:  addi    30, 30, -2
        addi    31, 31, -2
        addi    24, 24, -256
        li      10, 0
        b       weights
done:
        sync
        mfspr   3, 284
        stw     3, 0x304c(0)
        li      3, 1
        stw     3, 0x3000(0)
        sync
sleep:  wait
        b       sleep

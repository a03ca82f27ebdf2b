# Baselines of the correlation sensors: the mean of 8 conversions, each right after a reset, per synapse or per column.
# Stored as baseline - 192 in a signed byte (never below -128), so that one saturating subtraction of the signed code
# gives correlation - 64.

        .section int.text, "ax"

# For every rule of the image: r14 = its entry {descriptor, mode, branches, offset}, r15 = rules left.
        .globl  plastic_baselines
plastic_baselines:
        mflr    0
        stw     0, baseline_return@l(0)
        lwz     15, plastic_config+36@l(0)
        lwz     14, plastic_config+40@l(0)
        li      3, 3
        fxvsplatb 0, 3
        li      3, 0
        fxvsplath 3, 3
        li      3, -128
        fxvsplatb 13, 3
        li      3, 64
        fxvsplatb 14, 3
        li      3, 4
        fxvsplath 15, 3
next_rule:
        cmpwi   15, 0
        ble     baselines_done
        lwz     21, 4(14)               # 0 none, 1 column, 2 synapse
        lwz     20, 8(14)               # 1 causal, 2 acausal; bits 8..15: rows from one sensor to the next
        rlwinm  28, 20, 25, 23, 30      # twice that: what the bus index moves by
        rlwinm  20, 20, 0, 30, 31
        stw     28, row_step@l(0)
        cmpwi   21, 0
        beq     rule_done
        cmpwi   20, 0
        beq     rule_done
        lwz     22, 0(14)
        li      3, 32
        fxvlax  1, 22, 3                # used even columns
        li      3, 160
        fxvlax  2, 22, 3                # used odd columns
        lwz     16, 4(22)               # rows
        lwz     17, 0(22)
        add     17, 17, 17              # bus index
        lwz     19, 24(22)              # external base
        lwz     3, 12(14)
        add     19, 19, 3
        rlwinm  19, 19, 28, 4, 31
        oris    19, 19, 0x8000
        cmpwi   16, 0
        ble     rule_done
        fxvsel  16, 3, 3
        fxvsel  17, 3, 3
        fxvsel  18, 3, 3
        fxvsel  19, 3, 3
        fxvsel  20, 3, 3
        fxvsel  21, 3, 3
        fxvsel  22, 3, 3
        fxvsel  23, 3, 3
next_row:
        fxvsel  4, 3, 3
        fxvsel  5, 3, 3
        fxvsel  6, 3, 3
        fxvsel  7, 3, 3
        fxvsel  8, 3, 3
        fxvsel  9, 3, 3
        fxvsel  10, 3, 3
        fxvsel  11, 3, 3
        addi    23, 17, 1
        li      18, 8
repeat:
        lis     3, 0x0008
        fxvcmpb 1
        fxvoutx 0, 3, 17, 1
        fxvcmpb 2
        fxvoutx 0, 3, 23, 1
        fxvinx  24, 3, 17               # conversion; the other halves are latched
        lis     3, 0x0028
        fxvinx  25, 3, 23
        lis     3, 0x002c
        fxvinx  26, 3, 17
        fxvinx  27, 3, 23
        fxvupckbl 28, 3, 24, 0
        fxvaddhm 4, 4, 28
        fxvupckbr 28, 3, 24, 0
        fxvaddhm 5, 5, 28
        fxvupckbl 28, 3, 25, 0
        fxvaddhm 6, 6, 28
        fxvupckbr 28, 3, 25, 0
        fxvaddhm 7, 7, 28
        fxvupckbl 28, 3, 26, 0
        fxvaddhm 8, 8, 28
        fxvupckbr 28, 3, 26, 0
        fxvaddhm 9, 9, 28
        fxvupckbl 28, 3, 27, 0
        fxvaddhm 10, 10, 28
        fxvupckbr 28, 3, 27, 0
        fxvaddhm 11, 11, 28
        addi    18, 18, -1
        cmpwi   18, 0
        bgt     repeat
        # The mean, rounded.
        fxvaddhm 4, 4, 15
        fxvshh  4, 4, -3
        fxvaddhm 5, 5, 15
        fxvshh  5, 5, -3
        fxvaddhm 6, 6, 15
        fxvshh  6, 6, -3
        fxvaddhm 7, 7, 15
        fxvshh  7, 7, -3
        fxvaddhm 8, 8, 15
        fxvshh  8, 8, -3
        fxvaddhm 9, 9, 15
        fxvshh  9, 9, -3
        fxvaddhm 10, 10, 15
        fxvshh  10, 10, -3
        fxvaddhm 11, 11, 15
        fxvshh  11, 11, -3
        cmpwi   21, 2
        bne     add_columns
        andi.   3, 20, 1
        beq     keep_acausal
        fxvpckbl 24, 4, 5, 0
        fxvpckbl 25, 6, 7, 0
        bl      keep_pair
keep_acausal:
        andi.   3, 20, 2
        beq     row_done
        fxvpckbl 24, 8, 9, 0
        fxvpckbl 25, 10, 11, 0
        bl      keep_pair
        b       row_done
add_columns:
        fxvaddhm 16, 16, 4
        fxvaddhm 17, 17, 5
        fxvaddhm 18, 18, 6
        fxvaddhm 19, 19, 7
        fxvaddhm 20, 20, 8
        fxvaddhm 21, 21, 9
        fxvaddhm 22, 22, 10
        fxvaddhm 23, 23, 11
row_done:
        lwz     28, row_step@l(0)
        add     17, 17, 28
        addi    16, 16, -1
        cmpwi   16, 0
        bgt     next_row
        cmpwi   21, 1
        bne     rule_done
        # Means over rows, by the scalar core: r24 = where the bytes go.
        li      24, plastic_column_baselines@l
        andi.   3, 20, 1
        beq     mean_acausal
        fxvsel  28, 16, 16
        bl      mean_left
        fxvsel  28, 17, 17
        bl      mean_right
        fxvsel  28, 18, 18
        bl      mean_left
        fxvsel  28, 19, 19
        bl      mean_right
mean_acausal:
        andi.   3, 20, 2
        beq     rule_done
        fxvsel  28, 20, 20
        bl      mean_left
        fxvsel  28, 21, 21
        bl      mean_right
        fxvsel  28, 22, 22
        bl      mean_left
        fxvsel  28, 23, 23
        bl      mean_right
rule_done:
        addi    14, 14, 16
        addi    15, 15, -1
        b       next_rule
baselines_done:
        sync
        lwz     0, baseline_return@l(0)
        mtlr    0
        blr

# v24, v25 = mean codes of even and odd columns -> the next two vectors of external memory at r19.
keep_pair:
        fxvaddbm 24, 24, 13
        fxvsubbfs 24, 24, 14
        fxvoutx 24, 0, 19
        addi    19, 19, 8
        fxvaddbm 25, 25, 13
        fxvsubbfs 25, 25, 14
        fxvoutx 25, 0, 19
        addi    19, 19, 8
        blr

# v28 = sums over rows of 64 columns -> bytes at r24: the left halves of 16-byte slices, or the right ones; after the
# right ones r24 moves on to the next vector.
mean_left:
        li      25, 0
        b       mean
mean_right:
        li      25, 8
mean:
        li      3, scratch_vector@l
        fxvstax 28, 0, 3
        sync
        lwz     26, 4(22)               # rows
        srawi   27, 26, 1
        li      28, 0
mean_next:
        rlwinm  29, 28, 1, 0, 30
        addi    29, 29, scratch_vector@l
        lhz     30, 0(29)
        add     30, 30, 27
        divwu   30, 30, 26
        cmpwi   30, 64
        bge     1f
        li      30, 64
1:      addi    30, 30, -192
        rlwinm  29, 28, 1, 0, 27        # 16 * (index / 8)
        rlwinm  31, 28, 0, 29, 31       # index mod 8
        add     29, 29, 31
        add     29, 29, 25
        stbx    30, 24, 29
        addi    28, 28, 1
        cmpwi   28, 64
        blt     mean_next
        sync
        cmpwi   25, 0
        beqlr
        addi    24, 24, 128
        blr

        .section int.bss, "aw", @nobits
        .balign 4
baseline_return: .space 4
row_step:       .space 4
scratch_vector: .space 128
        .globl  plastic_column_baselines
plastic_column_baselines: .space 512

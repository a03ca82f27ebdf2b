# One number from a per-neuron value: 512 bytes at plastic_lane_scratch, in the order of `laneOffset` for 16 bits.

        .section int.text, "ax"

# r3 = column -> r3 = its code. Changes r4, r5.
        .globl  plastic_lane_at
plastic_lane_at:
        rlwinm  4, 3, 8, 23, 23         # 256 for odd columns
        rlwinm  5, 3, 3, 24, 24         # column bit 4 -> 128: the right half of a slice
        or      4, 4, 5
        rlwinm  5, 3, 31, 25, 27        # 16 * (column / 32)
        or      4, 4, 5
        rlwinm  5, 3, 0, 28, 30         # 2 * (column / 2 mod 8)
        or      4, 4, 5
        addi    4, 4, plastic_lane_scratch@l
        lhz     3, 0(4)
        extsh   3, 3
        blr

# r3 = descriptor, r4 = 0 sum, 1 min, 2 max, 3 argmax -> r3, over the used columns. Changes r0, r3..r12, ctr.
        .globl  plastic_reduce
plastic_reduce:
        mflr    0
        mr      6, 3
        mr      7, 4
        li      8, 0                    # result so far
        li      9, 0                    # column of the best
        li      10, 0                   # any column yet
        li      11, 0                   # column
next_column:
        rlwinm  12, 11, 31, 25, 31
        rlwinm  4, 11, 7, 24, 24
        add     12, 12, 4
        add     12, 12, 6
        lbz     12, 32(12)
        cmpwi   12, 0
        beq     skip_column
        mr      3, 11
        bl      plastic_lane_at
        cmpwi   7, 0
        bne     extreme
        add     8, 8, 3
        b       skip_column
extreme:
        cmpwi   10, 0
        beq     better
        cmpwi   7, 1
        beq     smallest
        cmpw    3, 8
        bgt     better
        b       skip_column
smallest:
        cmpw    3, 8
        bge     skip_column
better: mr      8, 3
        mr      9, 11
        li      10, 1
skip_column:
        addi    11, 11, 1
        cmpwi   11, 256
        blt     next_column
        mtlr    0
        mr      3, 8
        cmpwi   7, 3
        bnelr
        lwz     4, 16(6)                # neuron offset
        add     3, 9, 4
        blr

        .section int.bss, "aw", @nobits
        .balign 4
        .globl  plastic_lane_scratch
plastic_lane_scratch: .space 512

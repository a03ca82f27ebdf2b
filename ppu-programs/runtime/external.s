# Start values of the states in external memory. The table lies in the rule's object: a count, then for each state the
# address of its rule's descriptor, its offset in the external memory, bytes of a row, and a word of start codes.

        .section int.text, "ax"

# Changes r0, r3..r12, ctr, cr0.
        .globl  plastic_external_start
plastic_external_start:
        li      3, plastic_external_states@l
        lwz     4, 0(3)                 # states left
1:      cmpwi   4, 0
        beqlr
        lwz     5, 4(3)                 # descriptor
        lwz     6, 8(3)                 # offset
        lwz     7, 12(3)                # bytes of a row
        lwz     8, 16(3)                # four codes
        addi    3, 3, 16
        addi    4, 4, -1
        lwz     9, 24(5)                # external base
        add     6, 6, 9
        oris    6, 6, 0x4000
        addi    6, 6, -4
        lwz     9, 4(5)                 # rows
        mullw   7, 7, 9
        srawi   7, 7, 2
        cmpwi   7, 0
        ble     1b
        mtctr   7
2:      stwu    8, 4(6)
        bdnz    2b
        b       1b

# Membranes of a second population, brought to the columns of the block's neurons of the same index: r3 = the block's
# descriptor, r4 = the population's (shift of columns).

        .section int.text, "ax"

# The membranes converted lie in plastic_membranes: even columns, then odd ones. Puts those of the population into
# plastic_population_v in the same order. Changes r0, r5..r12, ctr, cr0.
        .globl  plastic_move_membranes
plastic_move_membranes:
        lwz     6, 8(3)
        lwz     7, 12(3)
        cmpwi   7, 0
        blelr
        mtctr   7
        lwz     8, 0(4)
3:      add     5, 6, 8
        li      10, 0
        cmplwi  5, 256
        bge     4f
        rlwinm  11, 5, 7, 24, 24
        rlwinm  12, 5, 31, 25, 31
        add     11, 11, 12
        addi    11, 11, plastic_membranes@l
        lbz     10, 0(11)
4:      rlwinm  11, 6, 7, 24, 24
        rlwinm  12, 6, 31, 25, 31
        add     11, 11, 12
        addi    11, 11, plastic_population_v@l
        stb     10, 0(11)
        addi    6, 6, 1
        bdnz    3b
        sync
        blr

        .section int.bss, "aw", @nobits
        .balign 4
        .globl  plastic_membranes
plastic_membranes: .space 256
        .globl  plastic_population_v
plastic_population_v: .space 256

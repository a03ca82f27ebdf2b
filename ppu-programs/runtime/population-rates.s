# Counters of a second population, brought to the columns of the block's neurons of the same index: r3 = the block's
# descriptor, r4 = the population's (shift of columns, hemisphere).

        .section int.text, "ax"

# Reads the counters into plastic_population_rates: even columns, then odd ones; an overflowed counter counts as 255, a
# neuron that the population lacks as 0. Changes r0, r5..r12, ctr, cr0.
        .globl  plastic_read_population_rates
plastic_read_population_rates:
        lwz     6, 8(3)                 # first column
        lwz     7, 12(3)                # columns
        cmpwi   7, 0
        blelr
        mtctr   7
        lwz     8, 0(4)
        lwz     9, 4(4)
        rlwinm  9, 9, 11, 0, 20
        lis     10, 0x8048              # 0x80000000 + 4 * (0x00122000 + 0x800)
        ori     10, 10, 0xa000
        add     9, 9, 10
1:      add     5, 6, 8
        li      10, 0
        cmplwi  5, 256
        bge     2f
        rlwinm  11, 5, 4, 21, 27        # 16 * (column mod 128)
        rlwinm  12, 5, 10, 14, 14       # 0x20000 from column 128 on
        add     11, 11, 12
        lwzx    10, 9, 11
        rlwinm  12, 10, 24, 31, 31      # overflow
        neg     12, 12
        or      10, 10, 12
2:      rlwinm  11, 6, 7, 24, 24        # 128 for odd columns
        rlwinm  12, 6, 31, 25, 31
        add     11, 11, 12
        addi    11, 11, plastic_population_rates@l
        stb     10, 0(11)
        addi    6, 6, 1
        bdnz    1b
        sync
        blr

        .section int.bss, "aw", @nobits
        .balign 4
        .globl  plastic_population_rates
plastic_population_rates: .space 256

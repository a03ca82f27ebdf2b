# Events that rules emit: a queue sorted by time, the earliest last, sent through the PADI event register.

        .section int.text, "ax"

# r3 = row in the block, r4 = label, r5 = time after the trigger's start in 1/256 us, r6 = descriptor.
# Changes r3..r12, cr0.
        .globl  plastic_emit
plastic_emit:
        lwz     7, 0(6)                 # first row
        add     3, 3, 7
        rlwinm  7, 3, 31, 30, 31        # driver mod 4: the bus
        li      8, 1
        slw     8, 8, 7
        rlwinm  7, 3, 19, 5, 9          # driver / 4: the select address, bits 26..22
        or      8, 8, 7
        rlwinm  7, 4, 16, 10, 15        # label, bits 21..16
        or      8, 8, 7
        mulli   5, 5, 250
        addi    5, 5, 128
        srawi   5, 5, 8
        lwz     7, plastic_begin@l(0)
        add     5, 5, 7                 # due
        lwz     9, 20(6)
        stw     9, event_hemisphere@l(0)
        lwz     9, event_count@l(0)
        cmpwi   9, 64
        bge     dropped
        addi    10, 9, 1
        stw     10, event_count@l(0)
        # Later events stay in front; earlier ones move up by one.
        rlwinm  10, 9, 3, 0, 28
        addi    10, 10, events@l
make_room:
        cmpwi   9, 0
        ble     put
        lwz     11, -8(10)
        subf.   12, 5, 11               # time in front - due
        bgt     put
        lwz     12, -4(10)
        stw     11, 0(10)
        stw     12, 4(10)
        addi    10, 10, -8
        addi    9, 9, -1
        b       make_room
put:    stw     5, 0(10)
        stw     8, 4(10)
        blr
dropped:
        lwz     9, 0x3054(0)
        addi    9, 9, 1
        stw     9, 0x3054(0)
        blr

# Sends what is due; r3 = cycles until the next event, or a large number. Changes r0, r3..r11, cr0.
        .globl  plastic_poll_events
plastic_poll_events:
        lwz     4, event_count@l(0)
        cmpwi   4, 0
        beq     none
        rlwinm  5, 4, 3, 0, 28
        addi    5, 5, events@l-8
        lwz     6, 0(5)
        mfspr   7, 284
        subf    3, 7, 6                 # due - now
        cmpwi   3, 0
        bgtlr
        lwz     8, 4(5)
        lis     9, 0x8044               # 0x80000000 + 4 * 0x00110000
        lwz     10, event_hemisphere@l(0)
        rlwinm  10, 10, 17, 0, 14       # 4 * 0x8000 for the bottom
        add     9, 9, 10
        stw     8, 0(9)
        addi    4, 4, -1
        stw     4, event_count@l(0)
        neg     3, 3
        lwz     10, 0x3058(0)
        cmpw    3, 10
        ble     1f
        stw     3, 0x3058(0)
1:      lwz     10, 0x3050(0)
        addi    10, 10, 1
        stw     10, 0x3050(0)
        b       plastic_poll_events
none:   lis     3, 0x7fff
        blr

        .section int.bss, "aw", @nobits
        .balign 4
event_count:      .space 4
event_hemisphere: .space 4
events:           .space 64*8

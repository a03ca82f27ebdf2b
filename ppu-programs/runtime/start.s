# Vectors, start-up, and the life of a rule: baselines, ready, go, triggers, stop.
# Numbers of mailbox words stand in isa/runtime-layout.ts. All code and data lie below 0x4000, so a name's low
# half alone is its address. The core runs with interrupts disabled; `wait` ends by the decrementer all the same.

        .section int.crt, "ax"
        .globl  _start
_start:
        b       plastic_start           # 0x00 reset
        b       plastic_trap            # 0x04 machine check
        b       plastic_trap            # 0x08 critical input
        b       plastic_trap            # 0x0c data storage
        b       plastic_trap            # 0x10 instruction storage
        b       plastic_trap            # 0x14 external input
        b       plastic_trap            # 0x18 alignment
        b       plastic_trap            # 0x1c program
        b       plastic_trap            # 0x20 system call
        b       plastic_trap            # 0x24 doorbell
        b       plastic_trap            # 0x28 critical doorbell
        b       plastic_trap            # 0x2c fixed-interval timer
        b       plastic_trap            # 0x30 decrementer
        # The metadata block follows at 0x34.

        .section int.text, "ax"
# An interrupt that nobody enabled: leave its place where the host finds a return code, and sleep.
plastic_trap:
        mfspr   3, 26
        stw     3, 0x2ffc(0)
        wait
        b       plastic_trap

        .globl  plastic_start
plastic_start:
        li      1, 0x2ff0
        # Clear the words from `ready` to `emitLateness`, and the counters of triggers and signals.
        li      3, 0
        li      4, 0x2ffc
        li      5, 23                   # up to the poll interval, which is the host's
        mtctr   5
1:      stwu    3, 4(4)
        bdnz    1b
        li      4, 0x307c
        li      5, 80
        mtctr   5
2:      stwu    3, 4(4)
        bdnz    2b
        lis     3, 0x0400               # TCR.DIE: the decrementer ends `wait`
        mtspr   340, 3
        lwz     3, 0x3060(0)            # seed
        cmpwi   3, 0
        bne     seeded
        lis     3, 0x2545
        ori     3, 3, 0xf491
seeded: stw     3, 0x3064(0)            # randomState
        bl      used_parities
        bl      plastic_take_parameters
        bl      plastic_external_start
        bl      plastic_baselines
        li      3, 1
        stw     3, 0x3018(0)            # baselineDone
        stw     3, 0x3000(0)            # ready

# Sleep a microsecond at a time until the host says go.
wait_go:
        lwz     3, 0x3004(0)
        cmpwi   3, 0
        bne     go
        bl      baseline_request
        li      3, 250
        bl      plastic_nap
        b       wait_go
go:
        bl      read_time
        stw     3, 0x3020(0)            # goSeen
        stw     4, 0x3024(0)
        li      3, 2
        stw     3, 0x3000(0)            # running
        # `on start` blocks, in order of text. r14 is the trigger's index in the table, kept in memory over calls.
        li      3, 0
        stw     3, current@l(0)
start_next:
        lwz     14, current@l(0)
        lwz     3, plastic_config@l(0)  # number of triggers
        cmpw    14, 3
        bge     start_done
        bl      trigger_entry           # r15 = table entry, r16 = state
        lwz     3, 0(15)
        cmpwi   3, 0
        bne     start_skip
        mfspr   3, 284
        stw     3, release@l(0)
        bl      run_trigger
start_skip:
        lwz     14, current@l(0)
        addi    14, 14, 1
        stw     14, current@l(0)
        b       start_next
start_done:
        bl      read_time
        stw     3, 0x3028(0)            # origin
        stw     4, 0x302c(0)
        # First releases: origin + first.
        li      14, 0
first_next:
        lwz     3, plastic_config@l(0)
        cmpw    14, 3
        bge     schedule
        bl      trigger_entry
        lwz     3, 12(15)               # first
        lwz     4, 0x302c(0)
        add     3, 3, 4
        stw     3, 0(16)                # next release
        lwz     3, 16(15)               # number of executions, 0: for ever
        stw     3, 4(16)
        lwz     5, 24(15)               # laps before the first release, -1: it never comes
        stw     5, 12(16)
        li      4, 0
        lwz     3, 0(15)
        cmpwi   3, 1
        bne     4f
        cmpwi   5, 0
        blt     4f
        li      4, 1
4:      stw     4, 8(16)                # active
        addi    14, 14, 1
        b       first_next

# Earliest deadline first. r17 = best index or -1, r18 = its deadline, r19 = soonest release still to come,
# r20 = now, r21 = 1 if r19 is valid.
schedule:
        lwz     3, 0x3008(0)            # stop
        cmpwi   3, 0
        bne     ended
        lwz     3, 0x301c(0)            # input lock
        cmpwi   3, 0
        bne     nap_short
        mfspr   20, 284
        li      17, -1
        li      21, 0
        li      14, 0
scan:
        lwz     3, plastic_config@l(0)
        cmpw    14, 3
        bge     scanned
        bl      trigger_entry
        lwz     3, 0(15)
        cmpwi   3, 2
        beq     scan_signal
        lwz     3, 8(16)
        cmpwi   3, 0
        beq     scan_on
        lwz     5, 0(16)                # next release
scan_release:
        subf.   6, 5, 20                # now - release
        blt     scan_later
        lwz     7, 12(16)
        cmpwi   7, 0
        bne     scan_lap
        lwz     7, 28(15)               # laps in a period
        cmpwi   7, 0
        bne     scan_long
        lwz     7, 8(15)                # period
scan_deadline:
        add     7, 7, 5                 # deadline
        b       scan_due
scan_long:                              # beyond what is compared: later than others
        lis     7, 0x7000
        b       scan_deadline
scan_lap:                               # times above 8.5 s are waited for in laps of 2^30 cycles
        addi    7, 7, -1
        stw     7, 12(16)
        addis   5, 5, 0x4000
        stw     5, 0(16)
        b       scan_release
scan_signal:
        lwz     3, 20(15)               # signal index
        rlwinm  3, 3, 2, 0, 29
        lwz     4, 0x3180(3)
        cmpwi   4, 0
        beq     scan_on
        mr      7, 20                   # its deadline is its arrival
scan_due:
        cmpwi   17, 0
        blt     scan_take
        subf.   8, 18, 7                # deadline - best deadline
        bge     scan_on
scan_take:
        mr      17, 14
        mr      18, 7
        b       scan_on
scan_later:
        cmpwi   21, 0
        beq     scan_sooner
        subf.   8, 19, 5
        bge     scan_on
scan_sooner:
        mr      19, 5
        li      21, 1
scan_on:
        addi    14, 14, 1
        b       scan
scanned:
        cmpwi   17, 0
        bge     due
        # Nothing to do: look after baselines, then sleep until the next release, but look at the mailbox now and then.
        bl      baseline_request
        cmpwi   3, 0
        bne     schedule                # that took time
        bl      plastic_poll_events
        mr      8, 3
        lwz     3, 0x305c(0)            # poll interval
        cmpwi   3, 0
        bgt     5f
        li      3, 1250
5:      cmpw    8, 3
        bge     17f
        mr      3, 8
17:     cmpwi   21, 0
        beq     6f
        mfspr   4, 284
        subf    4, 4, 19                # cycles until the next release
        cmpw    4, 3
        bge     6f
        mr      3, 4
6:      bl      plastic_nap
        b       schedule
nap_short:
        li      3, 250
        bl      plastic_nap
        b       schedule

due:
        bl      plastic_poll_events
        mr      14, 17
        stw     14, current@l(0)
        bl      trigger_entry
        lwz     3, 0(15)
        cmpwi   3, 2
        bne     due_timer
        lwz     3, 20(15)               # the signal is taken
        rlwinm  3, 3, 2, 0, 29
        lwz     4, 0x3180(3)
        addi    4, 4, -1
        lwz     5, 0x31a0(3)            # arrivals merged with a pending one
        add     5, 5, 4
        stw     5, 0x31a0(3)
        li      4, 0
        stw     4, 0x3180(3)
        stw     20, release@l(0)
        bl      run_trigger
        b       schedule
due_timer:
        lwz     3, plastic_config+44@l(0)
        cmpwi   3, 0
        beq     fixed_times
        bl      plastic_take_parameters # new ones change the period already from this release on
        lwz     14, current@l(0)
        bl      trigger_entry
        mfspr   20, 284
fixed_times:
        lwz     5, 0(16)                # release
        lwz     7, 8(15)                # period
        lwz     8, 4(16)                # executions left
        cmpwi   7, 0
        beq     last_one
        lwz     11, 28(15)              # laps: a successor is far away
        cmpwi   11, 0
        bne     not_missed
# Releases whose successor has come too are skipped and counted.
skip_missed:
        add     9, 5, 7
        subf.   10, 9, 20               # now - following release
        blt     not_missed
        cmpwi   8, 1
        beq     not_missed              # the last one: nothing follows
        mr      5, 9
        cmpwi   8, 0
        beq     7f
        addi    8, 8, -1
7:      lwz     10, 0x3038(0)
        addi    10, 10, 1
        stw     10, 0x3038(0)           # missed, all triggers
        lwz     10, 4(22)
        addi    10, 10, 1
        stw     10, 4(22)               # missed, this trigger
        b       skip_missed
not_missed:
        stw     5, release@l(0)
        add     9, 5, 7
        stw     9, 0(16)
        lwz     11, 28(15)
        stw     11, 12(16)
        cmpwi   8, 0
        beq     run_it
        addi    8, 8, -1
        stw     8, 4(16)
        cmpwi   8, 0
        bne     run_it
last_one:
        stw     5, release@l(0)
        li      9, 0
        stw     9, 8(16)                # no more releases
run_it:
        bl      run_trigger
        b       schedule

ended:
        bl      read_time
        stw     3, 0x3030(0)            # stopped
        stw     4, 0x3034(0)
        li      3, 3
        stw     3, 0x3000(0)
        li      3, 0
        mtspr   340, 3                  # no timer wakes the core any more
        sync
sleep_on:
        wait
        b       sleep_on

# r14 = index -> r15 = entry of the table, r16 = its state, r22 = its counters. Changes r3.
trigger_entry:
        rlwinm  3, 14, 5, 0, 26         # 32 bytes each
        lwz     15, plastic_config+4@l(0)
        add     15, 15, 3
        rlwinm  3, 14, 4, 0, 27         # 16 bytes each
        addi    16, 3, states@l
        addi    22, 3, 0x3080
        blr

# Runs the trigger `current`, released at `release`: parameters, handler, counters, time-line.
run_trigger:
        mflr    0
        stw     0, run_return@l(0)
        mfspr   3, 284
        stw     3, plastic_begin@l(0)
        bl      plastic_take_parameters
        lwz     14, current@l(0)
        bl      trigger_entry
        lwz     3, 4(15)
        mtctr   3
        bctrl
        sync
        mfspr   6, 284                  # end
        lwz     14, current@l(0)
        bl      trigger_entry
        lwz     4, release@l(0)
        lwz     5, plastic_begin@l(0)
        # Counters: executions, longest, lateness.
        lwz     7, 0(22)
        addi    7, 7, 1
        stw     7, 0(22)
        subf    8, 5, 6
        lwz     9, 8(22)
        cmplw   8, 9
        ble     8f
        stw     8, 8(22)
8:      subf    8, 4, 5
        lwz     9, 12(22)
        cmplw   8, 9
        ble     9f
        stw     8, 12(22)
9:      lwz     7, 0x303c(0)            # executions, all triggers
        addi    10, 7, 1
        stw     10, 0x303c(0)
        # The time-line: {trigger << 24 | number, release, begin, end} in external memory.
        lwz     8, 0x3040(0)
        lwz     9, plastic_config+24@l(0)
        cmplw   8, 9
        bge     line_full
        lwz     10, plastic_config+20@l(0)
        lwz     11, 0x3200+24(0)        # external base of the first descriptor
        add     10, 10, 11
        rlwinm  11, 8, 4, 0, 27
        add     10, 10, 11
        oris    10, 10, 0x4000
        rlwinm  11, 7, 0, 8, 31
        rlwimi  11, 14, 24, 0, 7
        stw     11, 0(10)
        stw     4, 4(10)
        stw     5, 8(10)
        stw     6, 12(10)
        addi    8, 8, 1
        stw     8, 0x3040(0)
        b       line_done
line_full:
        lwz     8, 0x3044(0)
        addi    8, 8, 1
        stw     8, 0x3044(0)
line_done:
        lwz     0, run_return@l(0)
        mtlr    0
        blr

# Notes in each rule's descriptor which column parities it uses, in the bits of condition register field 5, and how many
# columns, in the upper half.
used_parities:
        lwz     5, plastic_config+36@l(0)
        lwz     6, plastic_config+40@l(0)
        mflr    0
        lis     3, 0x0101
        ori     3, 3, 0x0101
        cmpwi   5, 0
        blelr
parity_rule:
        lwz     7, 0(6)
        addi    10, 7, 28
        bl      count_columns
        mr      9, 8
        bl      count_columns
        add     11, 8, 9
        rlwinm  11, 11, 16, 0, 15
        cmpwi   9, 0
        beq     15f
        ori     11, 11, 0x800
15:     cmpwi   8, 0
        beq     16f
        ori     11, 11, 0x400
16:     stw     11, 28(7)
        addi    6, 6, 16
        addi    5, 5, -1
        cmpwi   5, 0
        bgt     parity_rule
        mtlr    0
        blr

# r8 = sum of the 128 bytes behind r10, which moves on; r3 = 0x01010101. Changes r11, r12, ctr.
count_columns:
        li      8, 0
        li      11, 32
        mtctr   11
13:     lwzu    12, 4(10)
        mullw   12, 12, 3
        rlwinm  12, 12, 8, 24, 31
        add     8, 8, 12
        bdnz    13b
        blr

# Copies the parameter words if the host has committed new ones, and works out the times of triggers that depend on
# them. Changes r0, r3..r25, r31, ctr; r3..r7 if no time does.
        .globl  plastic_take_parameters
plastic_take_parameters:
        lwz     3, plastic_config+8@l(0)        # where the host writes
        lwz     4, plastic_config+12@l(0)       # where the rule reads
        lwz     5, plastic_config+16@l(0)       # words
        lwz     6, 0x300c(0)
        lwz     7, 0x3010(0)
        cmpw    6, 7
        bne     10f
        lwz     7, taken@l(0)
        cmpwi   7, 0
        bnelr
        # The first time the words of the image are taken.
10:     li      7, 1
        stw     7, taken@l(0)
        cmpwi   5, 0
        beq     12f
        mtctr   5
        addi    3, 3, -4
        addi    4, 4, -4
11:     lwzu    7, 4(3)
        stwu    7, 4(4)
        bdnz    11b
12:     stw     6, 0x3010(0)
        lwz     7, plastic_config+44@l(0)
        cmpwi   7, 0
        beqlr
        mflr    0
        stw     0, times_return@l(0)
        mtctr   7
        bctrl
        lwz     0, times_return@l(0)
        mtlr    0
        blr

# Sleeps r3 cycles (none if there are too few to be worth it). Changes r3, r4.
        .globl  plastic_nap
plastic_nap:
        cmpwi   3, 24
        blelr
        lis     4, 0x0800
        mtspr   336, 4                  # clear an old decrementer event
        addi    3, 3, -16               # what it takes to get here and back
        mtspr   22, 3
        wait
        blr

# r3:r4 = time base.
read_time:
        mfspr   3, 285
        mfspr   4, 284
        mfspr   5, 285
        cmpw    3, 5
        bne     read_time
        blr

# Measures baselines again if the host asks; r3 = 1 if it did.
baseline_request:
        lwz     4, 0x3014(0)
        lwz     5, 0x3018(0)
        addi    4, 4, 1
        li      3, 0
        cmpw    4, 5
        beqlr
        mflr    0
        stw     0, request_return@l(0)
        bl      plastic_baselines
        lwz     3, 0x3014(0)
        addi    3, 3, 1
        stw     3, 0x3018(0)
        li      3, 1
        lwz     0, request_return@l(0)
        mtlr    0
        blr

        .section int.bss, "aw", @nobits
        .balign 4
states:         .space 16*16            # per trigger: next release, executions left, active, laps to go
current:        .space 4
release:        .space 4
        .globl  plastic_begin
plastic_begin:  .space 4
taken:          .space 4
run_return:     .space 4
request_return: .space 4
times_return:   .space 4

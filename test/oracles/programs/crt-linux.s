# Start under Linux user emulation: start(), write the outcome array to standard output, exit with start's low byte.
    .section .crt,"ax",@progbits
    .globl _start
_start:
    bl start
    mr 31, 3
    li 0, 4
    li 3, 1
    lis 4, outcome@ha
    addi 4, 4, outcome@l
    li 5, 256
    sc
    li 0, 1
    mr 3, 31
    sc
    .section .note.GNU-stack,"",@progbits

# Start on the bare core: stack, start(), return code where the host looks for it, sleep.
    .section .crt,"ax",@progbits
    .globl _start
_start:
    b begin
    .rept 12
    b .
    .endr
begin:
    lis 1, stack_ptr_init@ha
    addi 1, 1, stack_ptr_init@l
    bl start
    lis 9, stack_ptr_init@ha
    addi 9, 9, stack_ptr_init@l
    stw 3, 12(9)
    .long 0x7c00007c
    b .
    .section .note.GNU-stack,"",@progbits

# Random numbers of the scalar core: the xorshift generator with shifts 13, 17, 5 (Marsaglia 2003).

        .section int.text, "ax"

# r3 = 32 new bits. Changes r4.
        .globl  plastic_random
plastic_random:
        lwz     3, 0x3064(0)
        rlwinm  4, 3, 13, 0, 18
        xor     3, 3, 4
        rlwinm  4, 3, 15, 17, 31
        xor     3, 3, 4
        rlwinm  4, 3, 5, 0, 26
        xor     3, 3, 4
        stw     3, 0x3064(0)
        blr

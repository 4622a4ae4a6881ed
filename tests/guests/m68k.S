/* Guest for m68k 'virt': goldfish terminal through the first goldfish interrupt controller (CPU level 1),
 * virt-ctrl for power off, reboot and panic.  !p !r !h !x. */

        .set TTY, 0xff008000
        .set PIC, 0xff000000
        .set CONTROL, 0xff009000

        .text
        .globl _start
_start: move.w  #0x2700, %sr
        move.l  #vectors, %a0
        movec   %a0, %vbr
        move.l  #stack, %sp
        lea     TTY, %a2
        lea     text_ready, %a0
        bsr     puts
        move.l  #0x80000000, PIC + 0x10 /* enable line 32, the terminal */
        move.l  #1, 8(%a2)              /* terminal: interrupts on */
        clr.l   %d7                     /* 1 after a '!' */

main:   tst.l   4(%a2)                  /* bytes that wait */
        beq     3f
        move.l  #typed, 0x10(%a2)
        move.l  #1, 0x14(%a2)
        move.l  #3, 8(%a2)              /* read one to 'typed' */
        clr.l   %d0
        move.b  typed, %d0
        tst.l   %d7
        bne     2f
        cmp.b   #'!', %d0
        beq     1f
        move.l  %d0, (%a2)
        bra     main
1:      moveq   #1, %d7
        bra     main
2:      clr.l   %d7
        cmp.b   #'p', %d0
        beq     power_off
        cmp.b   #'r', %d0
        beq     reboot
        cmp.b   #'x', %d0
        beq     panic
        cmp.b   #'h', %d0
        beq     halt
        lea     text_unknown, %a0
        bsr     puts
        bra     main
3:      stop    #0x2000
        move.w  #0x2700, %sr
        bra     main

reboot: move.l  #1, CONTROL + 4
        bra     halt
power_off:
        move.l  #2, CONTROL + 4
        bra     halt
panic:  move.l  #3, CONTROL + 4
halt:   stop    #0x2700
        bra     halt

/* The level stays up until the byte is read: go on with interrupts masked. */
interrupt:
        or.w    #0x700, (%sp)
        rte

puts:   clr.l   %d0
1:      move.b  (%a0)+, %d0
        beq     2f
        move.l  %d0, (%a2)
        bra     1b
2:      rts

        .balign 4
vectors:
        .rept 64
        .long interrupt
        .endr
text_ready:
        .asciz "DOMUS-GUEST-READY m68k-virt\r\n"
text_unknown:
        .asciz "GUEST-UNKNOWN\r\n"
typed:  .byte 0
        .balign 4
        .skip 512
stack:

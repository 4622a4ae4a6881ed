/* Guest for s390-ccw-virtio with an sclpconsole (the ASCII console of the service processor).
 *
 * It sleeps in a wait PSW that lets the service signal in.  The signal's parameter (lowcore 0x80) says whether
 * a request of ours is done (the block's address) or event data wait (bit 0); typed bytes come back, and
 * 'signal quiesce' is the power button.  A disabled wait at address 0xfff is 'quiesced' and powers off; at any
 * other address it is what a crashed kernel does, and QEMU reports a panic.  !p !r !h !x. */

        .set READ, 0x00770005
        .set WRITE, 0x00760005
        .set MASK, 0x00780005
        .set EVENT_ASCII, 0x1a
        .set EVENT_QUIESCE, 0x1d
        .set EVENTS, 0x00000048         /* bit 0x80000000 >> (type - 1) of both */

        .text
        .globl _start
_start: larl    %r1, control            /* control register 0: service signals may interrupt */
        lctlg   %c0, %c0, 0(%r1)
        larl    %r1, new_psw            /* where an external interrupt goes on */
        mvc     0x1b0(16), 0(%r1)
        larl    %r1, bang
        mvi     0(%r1), 0
        iilf    %r3, MASK
        larl    %r4, mask_block
        brasl   %r13, sclp
        larl    %r2, text_ready
        lghi    %r3, text_ready_end - text_ready
        brasl   %r14, put

main:   larl    %r5, read_block
        xc      0(256, %r5), 0(%r5)
        mvhhi   0(%r5), 4096
        iilf    %r3, READ
        lgr     %r4, %r5
        brasl   %r13, sclp
        larl    %r5, read_block
        cli     7(%r5), 0x20            /* response 0x0020: there was an event */
        je      event
        brasl   %r14, sleep
        j       main
event:  cli     10(%r5), EVENT_QUIESCE
        je      button
        cli     10(%r5), EVENT_ASCII
        jne     main
        llgh    %r6, 8(%r5)             /* header of 6, a type byte (0: typed text follows), the text */
        aghi    %r6, -7
        jle     main
        la      %r7, 15(%r5)
byte:   larl    %r8, bang
        cli     0(%r8), 0
        jne     command
        cli     0(%r7), '!'
        jne     echo
        mvi     0(%r8), 1
        j       next
command:
        mvi     0(%r8), 0
        cli     0(%r7), 'p'
        je      power_off
        cli     0(%r7), 'h'
        je      halt
        cli     0(%r7), 'x'
        je      panic
        cli     0(%r7), 'r'
        je      reboot
        larl    %r2, text_unknown
        lghi    %r3, text_unknown_end - text_unknown
        brasl   %r14, put
        j       next
echo:   lgr     %r2, %r7
        lghi    %r3, 1
        brasl   %r14, put
next:   la      %r7, 1(%r7)
        brctg   %r6, byte
        j       main

button: larl    %r2, text_button
        lghi    %r3, text_button_end - text_button
        brasl   %r14, put
power_off:
        larl    %r1, off_psw
        lpswe   0(%r1)
panic:  larl    %r1, panic_psw
        lpswe   0(%r1)
reboot: lghi    %r1, 3                  /* diagnose 308 subcode 3: load normal */
        diag    %r1, %r1, 0x308
halt:   larl    %r1, mask_none          /* no service signal ends this wait */
        lctlg   %c0, %c0, 0(%r1)
        larl    %r1, wait_psw
        lpswe   0(%r1)

/* Command r3 on block r4, to its end.  Returns to r13; uses r1. */
sclp:   .insn   rre, 0xb2200000, %r3, %r4
        brc     2, sclp                 /* busy */
        lgr     %r12, %r14
1:      brasl   %r14, sleep
        llgf    %r1, 0x80
        nill    %r1, 0xfff8
        jz      1b                      /* only "events wait"; the answer to our request comes yet */
        lgr     %r14, %r12
        br      %r13

/* Sleeps until an external interrupt.  Returns to r14. */
sleep:  larl    %r1, wait_psw
        lpswe   0(%r1)
interrupted:
        br      %r14

/* Writes r3 bytes (at most 200) at r2.  Returns to r14. */
put:    larl    %r5, write_block
        la      %r10, 14(%r3)
        xc      0(14, %r5), 0(%r5)
        sth     %r10, 0(%r5)
        aghi    %r10, -8
        sth     %r10, 8(%r5)
        mvi     10(%r5), EVENT_ASCII
        la      %r11, 14(%r5)
1:      mvc     0(1, %r11), 0(%r2)
        la      %r11, 1(%r11)
        la      %r2, 1(%r2)
        brctg   %r3, 1b
        iilf    %r3, WRITE
        lgr     %r4, %r5
        brasl   %r13, sclp
        br      %r14

        .balign 16
control:
        .quad 0x2e0
mask_none:
        .quad 0
new_psw:
        .quad 0x0000000180000000, interrupted
wait_psw:
        .quad 0x0102000180000000, 0
off_psw:
        .quad 0x0002000180000000, 0xfff
panic_psw:
        .quad 0x0002000180000000, 0xdead
bang:   .short 0
        /* larl reaches even addresses only */
text_ready:
        .ascii "DOMUS-GUEST-READY s390x-ccw\r\n"
text_ready_end:
        .balign 2
text_button:
        .ascii "GUEST-BUTTON\r\n"
text_button_end:
        .balign 2
text_unknown:
        .ascii "GUEST-UNKNOWN\r\n"
text_unknown_end:
        .balign 4096
mask_block:
        .short 28
        .byte 0, 0, 0, 0
        .short 0, 0, 4
        .long EVENTS, EVENTS, 0, 0
        .balign 4096
write_block:
        .skip 4096
read_block:
        .skip 4096

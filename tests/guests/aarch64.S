/* Guest for aarch64 'virt': PL011, GICv2, and the PL061 on which QEMU presses the power button.
 *
 * wfi wakes for a pending interrupt even while interrupts are masked, so none is ever taken: each wake-up
 * looks at both devices, and reading them lowers their lines again.  Commands: !p !r !h !f, see README. */

        .set UART, 0x09000000
        .set GPIO, 0x09030000
        .set GIC_DIST, 0x08000000
        .set GIC_CPU, 0x08010000

        .macro address reg, value
        movz    \reg, #((\value) >> 16), lsl #16
        movk    \reg, #((\value) & 0xffff)
        .endm

        .text
        .globl _start
_start: adr     x0, text_ready
        bl      puts
        address x20, UART
        address x21, GPIO
        mov     w0, #0x10               /* UARTIMSC: receive; the FIFO is off, so each byte raises it */
        str     w0, [x20, #0x38]
        mov     w0, #8                  /* GPIO line 3: rising edge, enabled */
        str     w0, [x21, #0x40c]
        str     w0, [x21, #0x410]
        address x1, GIC_DIST
        mov     w0, #1
        str     w0, [x1]
        strb    w0, [x1, #0x821]        /* SPI 1 (UART) and 7 (GPIO) go to CPU 0 ... */
        strb    w0, [x1, #0x827]
        mov     w2, #0x82               /* ... and are enabled */
        str     w2, [x1, #0x104]
        address x1, GIC_CPU
        mov     w2, #0xff
        str     w2, [x1, #4]
        str     w0, [x1]
        mov     w22, #0                 /* 1 after a '!' */

main:   ldr     w0, [x20, #0x18]        /* UARTFR: receive FIFO empty? */
        tbnz    w0, #4, 2f
        ldr     w0, [x20]
        and     w0, w0, #0xff
        cbnz    w22, 1f
        cmp     w0, #'!'
        cset    w22, eq
        b.eq    main
        str     w0, [x20]
        b       main
1:      mov     w22, #0
        bl      dispatch
        b       main
2:      ldr     w0, [x21, #0x414]       /* GPIORIS */
        tbz     w0, #3, 3f
        str     w0, [x21, #0x41c]
        adr     x0, text_button
        bl      puts
        b       power_off
3:      wfi
        b       main

dispatch:
        cmp     w0, #'p'
        b.eq    power_off
        cmp     w0, #'r'
        b.eq    reboot
        cmp     w0, #'h'
        b.eq    halt
        cmp     w0, #'f'
        b.eq    flood
        adr     x0, text_unknown
        b       puts

power_off:
        address w0, 0x84000008          /* PSCI SYSTEM_OFF */
        hvc     #0
        b       halt
reboot: address w0, 0x84000009          /* PSCI SYSTEM_RESET */
        hvc     #0
halt:   str     wzr, [x20, #0x38]       /* nothing may wake us any more */
        str     wzr, [x21, #0x410]
1:      wfi
        b       1b

flood:  mov     x23, x30
        mov     w24, #4096
1:      adr     x0, text_line
        bl      puts
        subs    w24, w24, #1
        b.ne    1b
        adr     x0, text_flood
        bl      puts
        ret     x23

puts:   address x2, UART
1:      ldrb    w1, [x0], #1
        cbz     w1, 2f
        str     w1, [x2]
        b       1b
2:      ret

text_ready:
        .asciz "DOMUS-GUEST-READY aarch64-virt\r\n"
text_button:
        .asciz "GUEST-BUTTON\r\n"
text_unknown:
        .asciz "GUEST-UNKNOWN\r\n"
text_line:
        .asciz "GUEST-LINE 00000000\r\n"
text_flood:
        .asciz "GUEST-FLOOD-END\r\n"

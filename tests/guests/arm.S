/* Guest for 32-bit ARM.  'virt': as aarch64.S (PL011, GICv2, PL061 with the power button), !p !r !h.
 * With INTEGRATOR defined: integratorcp, which has no PSCI and no button; prints the marker and sleeps. */

        .arch armv7-a
        .arch_extension virt
.ifdef INTEGRATOR
        .set UART, 0x16000000
.else
        .set UART, 0x09000000
        .set GPIO, 0x09030000
        .set GIC_DIST, 0x08000000
        .set GIC_CPU, 0x08010000
.endif
        .arm
        .text
        .globl _start
_start: ldr     r4, =UART
        adr     r0, text_ready
        bl      puts
.ifdef INTEGRATOR
1:      mov     r0, #0
        mcr     p15, 0, r0, c7, c0, 4   /* wait for interrupt, the ARM926's way */
        b       1b
.else
        ldr     r5, =GPIO
        mov     r0, #0x10
        str     r0, [r4, #0x38]
        mov     r0, #8
        add     r6, r5, #0x400
        str     r0, [r6, #0x0c]
        str     r0, [r6, #0x10]
        ldr     r1, =GIC_DIST
        mov     r0, #1
        str     r0, [r1]
        add     r2, r1, #0x800
        strb    r0, [r2, #0x21]
        strb    r0, [r2, #0x27]
        mov     r2, #0x82
        str     r2, [r1, #0x104]
        ldr     r1, =GIC_CPU
        mov     r2, #0xff
        str     r2, [r1, #4]
        str     r0, [r1]
        mov     r7, #0                  /* 1 after a '!' */

main:   ldr     r0, [r4, #0x18]
        tst     r0, #0x10
        bne     2f
        ldr     r0, [r4]
        and     r0, r0, #0xff
        cmp     r7, #0
        bne     1f
        cmp     r0, #'!'
        moveq   r7, #1
        strne   r0, [r4]
        b       main
1:      mov     r7, #0
        cmp     r0, #'p'
        beq     power_off
        cmp     r0, #'r'
        beq     reboot
        cmp     r0, #'h'
        beq     halt
        adr     r0, text_unknown
        bl      puts
        b       main
2:      ldr     r0, [r6, #0x14]
        tst     r0, #8
        beq     3f
        str     r0, [r6, #0x1c]
        adr     r0, text_button
        bl      puts
        b       power_off
3:      wfi
        b       main

power_off:
        ldr     r0, =0x84000008         /* PSCI SYSTEM_OFF */
        hvc     #0
        b       halt
reboot: ldr     r0, =0x84000009         /* PSCI SYSTEM_RESET */
        hvc     #0
halt:   mov     r0, #0
        str     r0, [r4, #0x38]
        str     r0, [r6, #0x10]
1:      wfi
        b       1b
.endif

puts:   ldrb    r1, [r0], #1
        cmp     r1, #0
        bxeq    lr
        str     r1, [r4]
        b       puts

        .ltorg
text_ready:
.ifdef INTEGRATOR
        .asciz "DOMUS-GUEST-READY arm-integratorcp\r\n"
.else
        .asciz "DOMUS-GUEST-READY arm-virt\r\n"
.endif
text_button:
        .asciz "GUEST-BUTTON\r\n"
text_unknown:
        .asciz "GUEST-UNKNOWN\r\n"

/* Guest for riscv64 'virt', in S mode under the OpenSBI that QEMU brings along (what a <kernel> without a
 * <loader> gives).  16550 at 0x10000000, its interrupt through the PLIC only to end wfi.  !p !r !h. */

        .set UART, 0x10000000
        .set PLIC, 0x0c000000
        .set UART_IRQ, 10
        .set SBI_RESET, 0x53525354      /* "SRST": a0 = 0 power off, 1 cold reboot */

        .option norelax
        .text
        .globl _start
_start: mv      s5, a0                  /* our hart: its S context of the PLIC is 2 * hart + 1 */
        csrw    sie, zero
        csrci   sstatus, 2
        li      s1, UART
        la      a0, text_ready
        call    puts
        li      t0, PLIC
        li      t1, 1
        sw      t1, UART_IRQ * 4(t0)
        slli    t2, s5, 8
        li      t3, PLIC + 0x2080
        add     t3, t3, t2
        li      t1, 1 << UART_IRQ
        sw      t1, 0(t3)
        slli    t2, s5, 13
        li      t3, PLIC + 0x201000
        add     s2, t3, t2
        sw      zero, 0(s2)
        li      t1, 1
        sb      t1, 1(s1)
        li      t1, 0x200               /* sie.SEIE; sstatus.SIE stays off, so wfi ends and nothing is taken */
        csrw    sie, t1
        li      s3, 0                   /* 1 after a '!' */

main:   lb      t0, 5(s1)
        andi    t0, t0, 1
        beqz    t0, 3f
        lbu     a0, 0(s1)
        bnez    s3, 2f
        li      t0, '!'
        beq     a0, t0, 1f
        sb      a0, 0(s1)
        j       main
1:      li      s3, 1
        j       main
2:      li      s3, 0
        li      t0, 'p'
        beq     a0, t0, power_off
        li      t0, 'r'
        beq     a0, t0, reboot
        li      t0, 'h'
        beq     a0, t0, halt
        la      a0, text_unknown
        call    puts
        j       main
3:      lw      t0, 4(s2)               /* claim and complete: the PLIC offers the line again */
        sw      t0, 4(s2)
        lb      t0, 5(s1)               /* a byte that came between the look and the claim */
        andi    t0, t0, 1
        bnez    t0, main
        wfi
        j       main

power_off:
        li      a0, 0
        j       1f
reboot: li      a0, 1
1:      li      a1, 0
        li      a6, 0
        li      a7, SBI_RESET
        ecall
halt:   csrw    sie, zero
1:      wfi
        j       1b

puts:   lbu     t0, 0(a0)
        beqz    t0, 1f
        sb      t0, 0(s1)
        addi    a0, a0, 1
        j       puts
1:      ret

text_ready:
        .asciz "DOMUS-GUEST-READY riscv64-virt\r\n"
text_unknown:
        .asciz "GUEST-UNKNOWN\r\n"

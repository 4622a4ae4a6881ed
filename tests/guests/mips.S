/* Guest for the Malta board in either byte order (BIG only chooses the name).  COM1 sits in the PCI I/O
 * window, set up by QEMU's own boot stub; its interrupt comes through the 8259 to CPU line 2.
 *
 * 'wait' ends only for an interrupt that may be taken, so one is: the vector clears Status.IE and goes to the
 * main loop, which asks the serial line.  !p and !r both write the board's reset register, which QEMU treats
 * as a reset (Malta has no power switch): the guest ends by it only under -no-reboot.  !h sleeps for ever. */

        .set noreorder
        .set noat
        .set mips32r2

        .set IO, 0xb800                 /* upper half of the PCI I/O window's kseg1 address */
        .text
        .globl __start
__start:
        lui     $29, 0x8010
        lui     $16, IO
        lui     $17, 0xbf00             /* FPGA registers */
        la      $4, text_ready
        jal     puts
        nop
        la      $8, vector              /* to 0x80000180, where BEV=0 looks */
        lui     $9, 0x8000
        li      $11, (vector_end - vector) / 4
1:      lw      $10, 0($8)
        sw      $10, 0x180($9)
        addiu   $8, $8, 4
        addiu   $11, $11, -1
        bnez    $11, 1b
        addiu   $9, $9, 4
        la      $8, pic_program
2:      lhu     $9, 0($8)
        beqz    $9, 3f
        lhu     $10, 2($8)
        addu    $9, $9, $16
        sb      $10, 0($9)
        b       2b
        addiu   $8, $8, 4
3:      li      $8, 1
        sb      $8, 0x3f9($16)
        li      $8, 0x0b
        sb      $8, 0x3fc($16)
        move    $18, $0                 /* 1 after a '!' */

main:   lbu     $8, 0x3fd($16)
        andi    $8, $8, 1
        beqz    $8, sleep
        nop
        lbu     $4, 0x3f8($16)
        bnez    $18, command
        li      $8, '!'
        beq     $4, $8, main
        li      $18, 1
        sb      $4, 0x3f8($16)
        b       main
        move    $18, $0
command:
        move    $18, $0
        li      $8, 'p'
        beq     $4, $8, reset
        li      $8, 'r'
        beq     $4, $8, reset
        li      $8, 'h'
        beq     $4, $8, halt
        nop
        la      $4, text_unknown
        jal     puts
        nop
        b       main
        nop

sleep:  lui     $8, 0xbbe0              /* GT64120: the acknowledge cycle, then end of interrupt */
        lw      $0, 0xc34($8)
        li      $8, 0x20
        sb      $8, 0x20($16)
        lbu     $8, 0x3fd($16)          /* a byte that came before the acknowledge */
        andi    $8, $8, 1
        bnez    $8, main
        nop
        li      $8, 0x0401              /* Status: IM2, IE; BEV, EXL, ERL off */
        mtc0    $8, $12
        ehb
        wait
        b       main
        nop

reset:  li      $8, 0x42
        sw      $8, 0x500($17)
halt:   mtc0    $0, $12
        wait
        b       halt
        nop

/* Back to the main loop wherever it came: an interrupt just before 'wait' must not be slept over. */
vector: mfc0    $26, $12
        ori     $26, $26, 1
        xori    $26, $26, 1
        mtc0    $26, $12
        la      $26, main
        mtc0    $26, $14
        ehb
        eret
vector_end:

puts:   lbu     $8, 0($4)
        beqz    $8, 1f
        nop
        sb      $8, 0x3f8($16)
        b       puts
        addiu   $4, $4, 1
1:      jr      $31
        nop

        .balign 4
pic_program:                            /* 8259: port, value; lines 2 and 4 open; ended by 0 */
        .half 0x20, 0x11, 0xa0, 0x11, 0x21, 0x20, 0xa1, 0x28, 0x21, 4, 0xa1, 2, 0x21, 1, 0xa1, 1
        .half 0x21, 0xeb, 0xa1, 0xff, 0, 0
text_ready:
        .ascii "DOMUS-GUEST-READY "
.ifdef BIG
        .asciz "mips-malta\r\n"
.else
        .asciz "mipsel-malta\r\n"
.endif
text_unknown:
        .asciz "GUEST-UNKNOWN\r\n"

/* A boot sector for pc, q35 and isapc: prints on COM1 and sleeps.
 *
 *   DOMUS-GUEST-READY bootsect drive=80 NAME
 *
 * NAME is the text (ended by NUL) in the disk's second sector: a test that attaches several disks writes a
 * different name into each, and so sees which one the firmware took. */

        .set COM1, 0x3f8
        .set NAME, 0x7e00
        .set NAME_MAX, 64

        .code16
        .globl _start
_start: cli
        cld
        xorw %ax, %ax
        movw %ax, %ds
        movw %ax, %es
        movw %ax, %ss
        movw $0x7c00, %sp
        sti
        movb $0, NAME
        movb %dl, drive
        movw $0x0201, %ax               /* read one sector: cylinder 0, head 0, sector 2 */
        movw $2, %cx
        movb $0, %dh
        movw $NAME, %bx
        int $0x13
        jnc 1f
        movb $0, NAME
1:      movb $0, NAME + NAME_MAX
        movw $ready, %si
        call puts
        movb drive, %al
        shrb $4, %al
        call digit
        movb drive, %al
        andb $15, %al
        call digit
        movb $' ', %al
        call putc
        movw $NAME, %si
        call puts
        movw $newline, %si
        call puts
sleep:  cli
        hlt
        jmp sleep

puts:   lodsb
        testb %al, %al
        jz 1f
        call putc
        jmp puts
1:      ret

digit:  addb $'0', %al
        cmpb $'9', %al
        jbe putc
        addb $'a' - '9' - 1, %al
putc:   movb %al, %ah
        movw $COM1 + 5, %dx
1:      inb %dx, %al
        testb $0x20, %al
        jz 1b
        movb %ah, %al
        movw $COM1, %dx
        outb %al, %dx
        ret

drive:  .byte 0
ready:  .asciz "DOMUS-GUEST-READY bootsect drive="
newline:
        .asciz "\r\n"
        .org 510
        .word 0xaa55
        .ascii "disk"
        .org 1024

/* One guest for every x86 board: pc, q35, microvm, isapc; i386 code, entered by Multiboot or PVH.
 *
 * It finds out where it is, prints what the host gave it, then the marker, and sleeps.  Interrupts only wake
 * it: the handler masks further ones in the saved flags, and the main loop looks at the serial line and at
 * the power button itself.  So the same code needs no locking, and a wake-up for nothing does no harm.
 *
 *   GUEST-FACTS memory=32 cpus=1 uuid=...     (MiB, from fw_cfg)
 *   GUEST-CMDLINE words of -append
 *   DOMUS-GUEST-READY pc
 *
 * Typed bytes come back as they are, except '!' and the byte after it, which are a command (see dispatch at
 * the end).  Commands on the kernel's command line are obeyed as well, after the marker. */

        .set COM1, 0x3f8
        .set FW_CFG, 0x510
        .set PM_BASE, 0x600             /* where SeaBIOS puts it; qboot leaves it to us */
        .set GED_EVENTS, 0xfea00000     /* microvm's ACPI device: events, sleep, reset */
        .set GED_SLEEP, 0xfea00200
        .set GED_RESET, 0xfea00202
        .set VIRTIO_MMIO, 0xfeb00000    /* first virtio-mmio slot of microvm */
        .set IDT, 0x80000
        .set STACK, 0x90000
        .set DIRTY_FROM, 0x200000       /* "!d" writes to each page from here */
        .set DIRTY_PAGES, 0x800

        .set IDLE, 0
        .set SPIN, 1
        .set DIRTY, 2

        .set MB_MAGIC, 0x1badb002
        .set MB_LOADED, 0x2badb002
        .set PVH_MAGIC, 0x336ec578

        .section .note.pvh, "a", @note
        .long 4, 4, 18                  /* XEN_ELFNOTE_PHYS32_ENTRY */
        .asciz "Xen"
        .long _start

        .text
        .balign 4
.ifndef PVH_ONLY
        .long MB_MAGIC, 0, -MB_MAGIC
.endif
        .globl _start
_start: cli
        cld
        movl $STACK, %esp
        movl %eax, boot_magic
        movl %ebx, boot_info
        lgdt gdt_pointer
        ljmp $8, $1f
1:      movw $16, %ax
        movw %ax, %ds
        movw %ax, %es
        movw %ax, %ss
        call find_board
        call setup_interrupts
        call print_facts
        call print_cmdline
        movl $text_ready, %esi
        call puts
        movl board_name, %esi
        call puts
        movl $text_newline, %esi
        call puts
        call obey_cmdline

main:   cli
        call poll_serial
        call poll_button
        cmpb $SPIN, mode
        je main
        cmpb $DIRTY, mode
        jne 1f
        call dirty_pages
        jmp main
1:      sti
        hlt
        jmp main

/* ---- where are we ---- */

find_board:
        movl $0x80000000, %eax
        call pci_read
        cmpl $0x12378086, %eax
        je 1f
        cmpl $0x29c08086, %eax
        je 2f
        movl $name_isapc, board_name
        cmpl $0x74726976, VIRTIO_MMIO   /* "virt" */
        jne 3f
        movl $name_microvm, board_name
        movb $1, has_ged
        ret
1:      movl $name_pc, board_name
        movl $0x80000b40, %eax          /* PIIX4 00:01.3: PM base, and its enable bit */
        movl $PM_BASE + 1, %ecx
        call pci_write
        movl $0x80000b80, %eax
        movl $1, %ecx
        call pci_write
        jmp enable_acpi
2:      movl $name_q35, board_name
        movl $0x8000f840, %eax          /* ICH9 LPC 00:1f.0: the same two */
        movl $PM_BASE + 1, %ecx
        call pci_write
        movl $0x8000f844, %eax
        movl $0x80, %ecx
        call pci_write
enable_acpi:
        movb $1, has_pm
        movb $0xf1, %al                 /* ACPI mode on: then the button raises SCI */
        outb %al, $0xb2
        movb $0x02, %al
        outb %al, $0xb2
        movw $PM_BASE + 2, %dx
        movw $0x100, %ax                /* PWRBTN_EN */
        outw %ax, %dx
        movw $0x4d1, %dx                /* SCI is level-triggered */
        inb %dx, %al
        orb $2, %al
        outb %al, %dx
3:      ret

pci_read:
        movw $0xcf8, %dx
        outl %eax, %dx
        movw $0xcfc, %dx
        inl %dx, %eax
        ret

pci_write:
        movw $0xcf8, %dx
        outl %eax, %dx
        movl %ecx, %eax
        movw $0xcfc, %dx
        outl %eax, %dx
        ret

/* ---- interrupts: both 8259 remapped to 0x20..0x2f, only COM1 (4), cascade (2) and SCI (9) open ---- */

setup_interrupts:
        movl $pic_program, %esi
1:      lodsb
        testb %al, %al
        jz 2f
        movzbl %al, %edx
        lodsb
        outb %al, %dx
        jmp 1b
2:      movl $IDT + 0x20 * 8, %edi
        movl $16, %ecx
3:      movl $wake, %eax
        movw %ax, (%edi)
        movw $8, 2(%edi)
        movw $0x8e00, 4(%edi)
        shrl $16, %eax
        movw %ax, 6(%edi)
        addl $8, %edi
        loop 3b
        lidt idt_pointer
        movl $0x1ff, 0xfee000f0         /* qboot leaves the local APIC off: on, LINT0 = the 8259s */
        movl $0x700, 0xfee00350
        movw $COM1 + 2, %dx             /* FIFO on: a burst of input is not lost */
        movb $1, %al
        outb %al, %dx
        movw $COM1 + 1, %dx
        outb %al, %dx
        movw $COM1 + 4, %dx
        movb $0x0b, %al
        outb %al, %dx
        ret

wake:   andl $~0x200, 8(%esp)
        pushl %eax
        movb $0x20, %al
        outb %al, $0xa0
        outb %al, $0x20
        popl %eax
        iret

/* ---- printing ---- */

putc:   pushl %edx                      /* al; keeps everything */
        pushl %eax
        movw $COM1 + 5, %dx
1:      inb %dx, %al
        testb $0x20, %al
        jz 1b
        popl %eax
        movw $COM1, %dx
        outb %al, %dx
        popl %edx
        ret

puts:   lodsb                           /* esi, ended by NUL */
        testb %al, %al
        jz 1f
        call putc
        jmp puts
1:      ret

put_decimal:                            /* eax */
        movl $10, %ecx
        pushl $0
1:      xorl %edx, %edx
        divl %ecx
        addl $'0', %edx
        pushl %edx
        testl %eax, %eax
        jnz 1b
2:      popl %eax
        testl %eax, %eax
        jz 3f
        call putc
        jmp 2b
3:      ret

put_hex_byte:                           /* al */
        movb %al, %ah
        shrb $4, %al
        call 1f
        movb %ah, %al
        andb $15, %al
1:      addb $'0', %al
        cmpb $'9', %al
        jbe 2f
        addb $'a' - '9' - 1, %al
2:      jmp putc

/* ---- what the host gave us ---- */

fw_cfg_dword:                           /* item ax, first 4 bytes to eax, the next 4 to ebx */
        movw $FW_CFG, %dx
        outw %ax, %dx
        incl %edx
        call 1f
        movl %ecx, %ebx
        call 1f
        xchgl %ecx, %ebx
        movl %ecx, %eax
        ret
1:      movl $4, %edi
2:      inb %dx, %al
        shrdl $8, %eax, %ecx
        decl %edi
        jnz 2b
        ret

print_facts:
        movl $text_memory, %esi
        call puts
        movl $3, %eax
        call fw_cfg_dword
        shrdl $20, %ebx, %eax
        call put_decimal
        movl $text_cpus, %esi
        call puts
        movl $5, %eax
        call fw_cfg_dword
        movzwl %ax, %eax
        call put_decimal
        movl $text_uuid, %esi
        call puts
        movw $FW_CFG, %dx
        movl $2, %eax
        outw %ax, %dx
        xorl %ecx, %ecx
1:      movl $0x550, %eax               /* a dash before bytes 4, 6, 8, 10 */
        btl %ecx, %eax
        jnc 2f
        movb $'-', %al
        call putc
2:      movw $FW_CFG + 1, %dx
        inb %dx, %al
        call put_hex_byte
        incl %ecx
        cmpl $16, %ecx
        jb 1b
        movl $text_newline, %esi
        jmp puts

find_cmdline:                           /* esi = the words after the kernel's name, or an empty string */
        movl $text_empty, %esi
        movl boot_info, %ebx
        cmpl $MB_LOADED, boot_magic
        jne 2f
        testb $4, (%ebx)
        jz 3f
        movl 16(%ebx), %esi             /* Multiboot: the file's own name comes first */
1:      lodsb
        testb %al, %al
        jz 4f
        cmpb $' ', %al
        jne 1b
        ret
2:      cmpl $PVH_MAGIC, (%ebx)
        jne 3f
        movl 24(%ebx), %eax
        testl %eax, %eax
        jz 3f
        movl %eax, %esi
3:      ret
4:      decl %esi
        ret

print_cmdline:
        movl $text_cmdline, %esi
        call puts
        call find_cmdline
        call puts
        movl $text_newline, %esi
        jmp puts

obey_cmdline:
        call find_cmdline
1:      lodsb
        testb %al, %al
        jz 2f
        cmpb $'!', %al
        jne 1b
        lodsb
        testb %al, %al
        jz 2f
        pushl %esi
        call dispatch
        popl %esi
        jmp 1b
2:      ret

/* ---- the main loop's parts ---- */

poll_serial:
        movw $COM1 + 5, %dx
        inb %dx, %al
        testb $1, %al
        jz 3f
        movw $COM1, %dx
        inb %dx, %al
        cmpb $0, bang
        jne 2f
        cmpb $'!', %al
        je 1f
        call putc
        jmp poll_serial
1:      movb $1, bang
        jmp poll_serial
2:      movb $0, bang
        call dispatch
        jmp poll_serial
3:      ret

poll_button:
        cmpb $0, has_ged
        jne 1f
        cmpb $0, has_pm
        je 2f
        movw $PM_BASE, %dx
        inw %dx, %ax
        outw %ax, %dx                   /* writing ones clears: SCI goes down */
        testb $1, %ah
        jz 2f
        jmp pressed
1:      movl GED_EVENTS, %eax
        testb $2, %al
        jz 2f
pressed:
        movl $text_button, %esi
        call puts
        jmp power_off
2:      ret

dirty_pages:
        movl $DIRTY_FROM, %edi
        movl $DIRTY_PAGES, %ecx
1:      incl (%edi)
        addl $4096, %edi
        loop 1b
        ret

/* ---- commands ---- */

dispatch:                               /* al */
        movl $commands, %edi
1:      cmpb $0, (%edi)
        je 2f
        cmpb (%edi), %al
        je 3f
        addl $5, %edi
        jmp 1b
2:      movl $text_unknown, %esi
        jmp puts
3:      jmp *1(%edi)

power_off:
        cmpb $0, has_ged
        jne 1f
        cmpb $0, has_pm
        je cannot
        movw $PM_BASE + 4, %dx
        movw $0x2000, %ax               /* SLP_EN, type 0 = soft off */
        outw %ax, %dx
        jmp halt
1:      movb $0x34, GED_SLEEP           /* S5 and SLP_EN */
        jmp halt

reboot: cmpb $0, has_ged
        jne 1f
        movb $0xfe, %al
        outb %al, $0x64
        jmp halt
1:      movb $0x42, GED_RESET
halt:   cli
        hlt
        jmp halt

triple_fault:
        lidt idt_none
        int3

panic:  movw $0x505, %dx                /* pvpanic answers with what it can do; without one the bus reads ff */
        inb %dx, %al
        cmpb $0xff, %al
        je cannot
        movb $1, %al
        outb %al, %dx
        jmp halt

watchdog:                               /* ib700: 2 s, nobody will pet it */
        movw $0x443, %dx
        movb $14, %al
        outb %al, %dx
        ret

flood:  movl $4096, %ebx                /* 4096 lines of 21 bytes */
1:      movl $text_line, %esi
        call puts
        movl %ebx, %eax
        bswap %eax
        movl %eax, number
        xorl %ebp, %ebp
2:      movb number(%ebp), %al
        call put_hex_byte
        incl %ebp
        cmpl $4, %ebp
        jb 2b
        movl $text_newline, %esi
        call puts
        decl %ebx
        jnz 1b
        movl $text_flood, %esi
        jmp puts

spin:   movb $SPIN, mode
        jmp done
dirty:  movb $DIRTY, mode
        jmp done
idle:   movb $IDLE, mode
done:   movl $text_done, %esi
        jmp puts
cannot: movl $text_cannot, %esi
        jmp puts

        .data
        .balign 8
gdt:    .quad 0, 0x00cf9a000000ffff, 0x00cf92000000ffff
gdt_pointer:
        .word 23
        .long gdt
idt_pointer:
        .word 0x30 * 8 - 1
        .long IDT
idt_none:
        .word 0
        .long 0
boot_magic:
        .long 0
boot_info:
        .long 0
board_name:
        .long 0
number: .long 0
has_pm: .byte 0
has_ged:
        .byte 0
bang:   .byte 0
mode:   .byte IDLE
pic_program:                            /* port, value; ended by 0 */
        .byte 0x20, 0x11, 0xa0, 0x11, 0x21, 0x20, 0xa1, 0x28, 0x21, 4, 0xa1, 2, 0x21, 1, 0xa1, 1
        .byte 0x21, 0xeb, 0xa1, 0xfd, 0
commands:
        .byte 'p'; .long power_off
        .byte 'r'; .long reboot
        .byte 'h'; .long halt
        .byte 't'; .long triple_fault
        .byte 'x'; .long panic
        .byte 'w'; .long watchdog
        .byte 'f'; .long flood
        .byte 's'; .long spin
        .byte 'd'; .long dirty
        .byte 'i'; .long idle
        .byte 0
name_pc:
        .asciz "pc"
name_q35:
        .asciz "q35"
name_isapc:
        .asciz "isapc"
name_microvm:
        .asciz "microvm"
text_memory:
        .asciz "GUEST-FACTS memory="
text_cpus:
        .asciz " cpus="
text_uuid:
        .asciz " uuid="
text_cmdline:
        .asciz "GUEST-CMDLINE "
text_ready:
        .asciz "DOMUS-GUEST-READY "
text_button:
        .asciz "GUEST-BUTTON\r\n"
text_line:
        .asciz "GUEST-LINE "
text_flood:
        .asciz "GUEST-FLOOD-END\r\n"
text_done:
        .asciz "GUEST-DONE\r\n"
text_unknown:
        .asciz "GUEST-UNKNOWN\r\n"
text_cannot:
        .asciz "GUEST-CANNOT\r\n"
text_newline:
        .asciz "\r\n"
text_empty:
        .asciz ""

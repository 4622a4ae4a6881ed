#!/usr/bin/perl
# README.md tells the truth: its lines "$ COMMAND" are run, in order, and print what stands below them; its C
# program is compiled and run.  "…" stands for what differs from machine to machine: within a line for any text,
# on a line of its own for any lines.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Temp ();

my $top   = dirname(dirname(dirname(abs_path($0))));
my $build = $ENV{DOMUS_BUILD} // "$top/build";

for my $needed ('qemu-system-x86_64') {
    next if grep { -x "$_/$needed" } split /:/, $ENV{PATH};
    print "1..0 # SKIP $needed is not installed\n";
    exit 0;
}
if (!-s "$build/guests/x86.elf") {
    print "1..0 # SKIP the guests are not built\n";
    exit 0;
}

my $dir = File::Temp::tempdir('domus-readme-XXXXXX', TMPDIR => 1, CLEANUP => 1);
$ENV{PATH}            = "$build:$ENV{PATH}";
$ENV{DOMUS_URI}       = "qemu:///embed?root=$dir/root";
$ENV{LD_LIBRARY_PATH} = $build;
chdir $top or die "$top: $!\n";

open my $file, '<', 'README.md' or die "README.md: $!\n";
my @lines = <$file>;
close $file;

my ($count, $failed) = (0, 0);

sub point {
    my ($ok, $name, @why) = @_;
    $count++;
    $failed++ unless $ok;
    print $ok ? 'ok' : 'not ok', " $count - $name\n";
    print STDERR map { "#   $_\n" } map { split /\n/ } @why unless $ok;
}

# The paths of somebody who follows are /tmp and build/guests; ours are others.
sub here {
    my ($text) = @_;
    $text =~ s{/tmp/}{$dir/}g;
    $text =~ s{\$PWD/build}{$build}g;
    return $text;
}

sub run {
    my ($command) = @_;
    my $output = `{ $command\n} 2>&1 </dev/null`;
    my $status = $? >> 8;
    $output =~ s/\r//g;    # a guest's line ends
    return ($output, $status);
}

sub pattern {
    my $pattern = join '', map { $_ eq "…\n" ? '(?:.*\n)*' : quotemeta($_) } @_;
    $pattern =~ s/\Q@{[quotemeta '…']}\E/.*/g;
    return qr/\A$pattern\z/;
}

# ---- commands --------------------------------------------------------------------------------------

for (my $i = 0; $i < @lines; $i++) {
    my ($command) = $lines[$i] =~ /^    \$ (.*)$/ or next;
    my @expected;
    while ($i + 1 < @lines && $lines[ $i + 1 ] =~ /^    (?!\$ )(.*\n)/) {
        push @expected, here($1);
        $i++;
    }
    # Empty lines within a block belong to the output; those behind it do not.
    my ($output) = run(here($command));
    $output =~ s/\n\n+\z/\n/;
    my $fits = $output =~ pattern(@expected);
    point($fits, $command, 'expected:', @expected, 'printed:', $output);
}
point($count >= 10, 'there are commands in it');

# ---- the C program ---------------------------------------------------------------------------------

my ($program) = join('', @lines) =~ /^```c\n(.*?)^```/ms or die "no C program in README.md\n";
open my $source, '>', "$dir/program.c" or die "$dir/program.c: $!\n";
print $source $program;
close $source;
my $flags = `pkg-config --cflags --libs glib-2.0 gio-2.0`;
chomp $flags;
my $cc = $ENV{CC} // 'cc';
my ($said, $status)
    = run("$cc -Wall -Wextra -Werror -o '$dir/program' '$dir/program.c' -Iinclude -L'$build' -ldomus $flags");
point($status == 0, 'the C program compiles', $said);
($said, $status) = run("'$dir/program' '$dir/own' '$dir/hello.xml'");
point($status == 0 && $said eq "hello ended: the guest shut down\n", 'and runs', $said);
my @long = split /\n/, $program;
point(@long <= 30, 'it has at most 30 lines');

run('for uuid in $(domus list --uuid); do domus destroy --force $uuid; done');

# The domusd that `domus start` has left would end by itself, but later.
for my $path (glob '/proc/[0-9]*/cmdline') {
    open my $words, '<', $path or next;
    local $/ = undef;
    my @words = split /\0/, <$words> // '';
    next unless @words && $words[0] =~ m{/domusd$} && grep { $_ eq "$dir/root" } @words;
    my ($pid) = $path =~ /(\d+)/;
    kill TERM => $pid;
    for (1 .. 500) {
        last unless -e "/proc/$pid/cwd";
        select undef, undef, undef, 0.02;
    }
}
print "1..$count\n";
exit($failed ? 1 : 0);

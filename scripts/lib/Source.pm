# What the scripts that read C have in common: which files there are, the text without its comments, and
# lists of exceptions, each with its reason and each still needed.
package Source;
use strict;
use warnings;
use File::Find ();
use Exporter 'import';
our @EXPORT = qw(sources read_text blank_comments exceptions excepted stale_exceptions);

# A mistake in what the script was given, as opposed to a find: status 2.
sub fail {
    print STDERR @_;
    exit 2;
}

# Files below the directories (those that exist) whose name matches, sorted.
sub sources {
    my ($match, @dirs) = @_;
    my @found;
    @dirs = grep { -e } @dirs;
    File::Find::find({ no_chdir => 1, wanted => sub { push @found, $_ if -f && /$match/ } }, @dirs) if @dirs;
    return sort @found;
}

sub read_text {
    my ($path) = @_;
    open my $file, '<', $path or fail("$path: $!\n");
    local $/ = undef;
    return scalar <$file> // '';
}

# C text with comments, and with $strings the inside of strings too, as blanks: lines and columns stay.
sub blank_comments {
    my ($text, $strings) = @_;
    $text =~ s{(//[^\n]*|/\*.*?\*/)|("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')}
              { defined $1 ? blank($1) : $strings ? substr($2, 0, 1) . blank(substr $2, 1, -1) . substr($2, -1) : $2 }gse;
    return $text;
}

sub blank {
    my ($text) = @_;
    return $text =~ s/[^\n]/ /gr;
}

# Lines "WHERE WHAT reason"; # begins a comment.  A missing file is an empty list.
sub exceptions {
    my ($path) = @_;
    my @rows;
    return \@rows unless -e $path;
    open my $file, '<', $path or fail("$path: $!\n");
    while (<$file>) {
        next if /^\s*(#|$)/;
        /^(\S+)\s+(\S+)\s+\S/ or fail("$path: line $.: expected 'WHERE WHAT reason'\n");
        push @rows, { where => $1, what => $2, place => "$path: line $.", used => 0 };
    }
    return \@rows;
}

# The row for exactly this place, marked as used; or nothing.
sub excepted {
    my ($rows, $where, $what) = @_;
    for my $row (@$rows) {
        next unless $row->{where} eq $where && (!defined $what || $row->{what} eq $what);
        $row->{used} = 1;
        return $row;
    }
    return undef;
}

sub stale_exceptions {
    my ($rows) = @_;
    return map {"$_->{place}: nothing needs this exception any more"} grep { !$_->{used} } @$rows;
}

1;

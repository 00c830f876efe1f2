# What the tests do in Request Tracker, through its own code. The first argument says what.
use strict;
use warnings;
use lib '/usr/share/request-tracker5/lib';
use RT;

RT::LoadConfig();
RT::Init();
my $system = RT->SystemUser;
my ( $what, @rest ) = @ARGV;

if ( $what eq 'ticket' ) {    # ADDRESS NAME TEXT CC
    my ( $address, $name, $text, $cc ) = @rest;
    my $user = RT::User->new($system);
    $user->LoadByEmail($address);
    $user->Create( Name => $address, EmailAddress => $address, RealName => $name, Privileged => 0 )
        unless $user->id;
    my $mail = MIME::Entity->build( From => $address, Subject => "Help for $name",
        Type => 'text/plain', Data => ["$text\n"] );
    $mail->attach( Type => 'application/pdf', Filename => "passport of $name.pdf", Data => "%PDF $text" );
    my $ticket = RT::Ticket->new($system);
    my ( $id, undef, $message ) = $ticket->Create( Queue => 'General', Requestor => [$address],
        Cc => ( $cc ? [$cc] : [] ), Subject => "Help for $name", MIMEObj => $mail );
    die $message unless $id;
    print "$id\n";
}
elsif ( $what eq 'reply' ) {    # TICKET TEXT
    my $ticket = load( $rest[0] );
    my ( $ok, $message ) = $ticket->Correspond( Content => $rest[1] );
    die $message unless $ok;
}
elsif ( $what eq 'status' ) {    # TICKET STATUS
    my $ticket = load( $rest[0] );
    my ( $ok, $message ) = $ticket->SetStatus( $rest[1] );
    die $message unless $ok;
}
elsif ( $what eq 'link' ) {    # TICKET TICKET
    my ( $ok, $message ) = load( $rest[0] )->AddLink( Type => 'RefersTo', Target => $rest[1] );
    die $message unless $ok;
}
elsif ( $what eq 'show' ) {    # TICKET: what its page would show
    my $ticket = load( $rest[0] );
    print join( "\n", $ticket->Subject, $ticket->RequestorAddresses,
        map { $_->Type . ' ' . ( $_->Content || '' ) } @{ $ticket->Transactions->ItemsArrayRef } ), "\n";
}

sub load {
    my $ticket = RT::Ticket->new($system);
    $ticket->Load(shift);
    die 'no such ticket' unless $ticket->id;
    return $ticket;
}

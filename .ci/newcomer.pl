#!/usr/bin/env perl
# The newcomer's client: an afternoon's work, as it is when one begins.
use strict;
use warnings;
use Digest::MD5 'md5_hex';
use IO::Socket::INET;
use Time::HiRes 'time';

$| = 1;
my ($me, $gateway, $proxy, $trid) = ('', '', '', 0);
my (%id, %host, %heard, %polled);    # by server, NS or SB

sub tell_ { print '{"type":"', shift, '"', (map { ",$_" } @_), "}\n" }
sub field { my ($name, $in) = @_; $in =~ /"$name":"((?:[^"\\]|\\.)*)"/ ? $1 : '' }

# One request on a connection of its own; once more if there is no answer.
sub post {
	my ($server, $query, $body) = @_;
	for my $try (1, 2) {
		my $answer = exchange($host{$server}, $query, $body) or next;
		$answer =~ /^X-MSN-Messenger:\s*(.*?)\r?$/mi or next;
		my $header = $1;
		$header =~ /SessionID=([^;]+)/ and $id{$server} = $1;
		$header =~ /GW-IP=([^;]+)/ and $host{$server} = $1;
		$polled{$server} = time;
		hear($server, $answer =~ /\r\n\r\n(.*)/s);
		delete $id{$server} if $header =~ /Session=close/;
		return 1;
	}
	return 0;
}

sub exchange {
	my ($host, $query, $body) = @_;
	my $socket = IO::Socket::INET->new(PeerAddr => $proxy || "$host:80", Timeout => 10) or return;
	print $socket "POST http://$host/gateway/gateway.dll?$query HTTP/1.1\r\nHost: $host\r\nConnection: close\r\n",
		"Content-Type: application/x-msn-messenger\r\nContent-Length: ", length $body, "\r\n\r\n", $body;
	local $/;
	return scalar <$socket>;
}

sub hear {
	my ($server, $text) = @_;
	while ($text =~ s/^(.*?)\r\n//) {
		my @words = split ' ', $1;
		if ($words[0] eq 'MSG') {
			my $payload = substr $text, 0, $words[-1], '';
			my ($said) = $payload =~ m{text/plain.*?\r\n\r\n(.*)}s;
			tell_('received', qq("from":"$words[1]"), qq("text":"$said")) if defined $said;
		} elsif ($words[0] eq 'CHL') {
			my $payload = md5_hex($words[2] . 'Q1P7W2E4J9R8U3S5');
			command('NS', 'QRY', 'msmsgs@msnmsgr.com 32', $payload);
		} else {
			push @{ $heard{ $words[0] } }, "@words";
		}
	}
}

sub command {
	my ($server, $name, $arguments, $payload) = @_;
	$trid++;
	my $query = $id{$server} ? "SessionID=$id{$server}" : '';
	if (!$query) {
		my $ip = $server eq 'NS' ? 'messenger.hotmail.com' : $host{SB};
		($query, $host{$server}) = ("Action=open&Server=$server&IP=$ip", $gateway);
	}
	return post($server, $query, "$name $trid $arguments\r\n" . ($payload // ''));
}

# ask sends a command and polls until something of that name has come.
sub ask {
	my ($server, $name, $arguments, $wanted) = @_;
	$wanted ||= $name;
	$heard{$wanted} = [];
	command($server, $name, $arguments) or return;
	for (1 .. 10) {
		return $heard{$wanted}[0] if @{ $heard{$wanted} };
		sleep 1;
		poll($server);
	}
	return;
}

sub poll { my $server = shift; post($server, "Action=poll&SessionID=$id{$server}", '') if $id{$server} }

my %steps = (
	connect => sub {
		($me, $gateway) = (field('user', $_[0]), field('name', $_[0]));
		$proxy = $1 if $_[0] =~ /"proxy":\{"kind":"http","address":"([^"]*)"/;
		return ask('NS', 'VER', 'MSNP8 CVR0') && ask('NS', 'CVR', "0x0409 win 4.10 i386 MSNMSGR 5.0 MSMSGS $me")
			&& ask('NS', 'USR', "TWN I $me") && ask('NS', 'USR', 'TWN S t=x') && ask('NS', 'SYN', '0') && ask('NS', 'CHG', 'NLN');
	},
	call => sub {
		my @xfr = split ' ', ask('NS', 'XFR', 'SB') || return;
		($host{SB}) = split /:/, $xfr[3];
		return ask('SB', 'USR', "$me $xfr[5]") && ask('SB', 'CAL', field('contact', $_[0]), 'JOI');
	},
	send => sub {
		my $payload = "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\n\r\n" . field('text', $_[0]);
		return command('SB', 'MSG', 'A ' . length $payload, $payload);
	},
	leave => sub { out('SB') },
	'sign out' => sub { out('SB'); out('NS') },
	quit => sub { exit },
);

sub out { my $server = shift; post($server, "SessionID=$id{$server}", "OUT\r\n") if $id{$server}; 1 }

tell_('hello', '"name":"perl"', '"version":"0.1"', '"protocol":1', '"abilities":["chat"]');
my $in = '';
while (1) {
	vec(my $ready = '', fileno(STDIN), 1) = 1;
	if (select $ready, undef, undef, 0.5) {
		sysread STDIN, $in, 65536, length $in or exit;
	}
	while ($in =~ s/^(.*)\n//) {
		my $line = $1;
		my ($number) = $line =~ /"id":(\d+)/;
		if ($steps{ field('type', $line) }->($line)) { tell_('done', qq("id":$number)) }
		else { tell_('error', qq("id":$number), '"text":"it did not work"') }
	}
	for my $server (keys %id) { poll($server) if $id{$server} && time - $polled{$server} > 2 }
}

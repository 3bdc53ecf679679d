/* SPDX-License-Identifier: MIT */
#include <ev.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/hash.h"
#include "store/embedded.h"

/*
 * What reads cost with few and with many messages in a conversation: unread,
 * the list, history by cursor and by offset at several depths, search.  Each
 * number of messages has a store of its own, all are open, and their rounds
 * take turns, so that what else the machine does disturbs them alike.  One
 * reader thread has always the next read waiting.  Prints one JSON line a case
 * and store: the best round's µs a read, and its ratio to the first store's.
 */
#define OTHERS 49     /* further conversations, each with FEW messages */
#define FEW 20
#define UNREAD 100
#define WORDS 30000   /* of the vocabulary, by Zipf's law */
#define ROUNDS 7
#define PLACES_MAX 8

/* A store. */
struct place {
	char folder[256];
	unsigned long messages;
	struct store *store;
	uint64_t me, other, conv, last_seq;
	double best; /* µs, of the case that is measured */
	uint64_t records;
};

struct bench {
	const char *kind;
	unsigned long reads;
	struct ev_loop *loop;
	struct mailbox *mailbox;
	struct place places[PLACES_MAX];
	size_t places_n;
	struct place *at; /* where it is at work */
	unsigned long submitted, done;
	uint64_t random, uid;
};

enum depth { NEWEST, MIDDLE, OLDEST };

static const struct kind {
	const char *name;
	enum store_read_kind kind;
	bool alone; /* in the conversation with many messages */
	bool by_offset;
	enum depth depth;
	const char *words;
} kinds[] = {
    {"list of 50", STORE_READ_CONVERSATIONS, false, false, NEWEST, ""},
    {"unread, 100", STORE_READ_CONVERSATIONS, true, false, NEWEST, ""},
    {"history by cursor, newest", STORE_READ_HISTORY, true, false, NEWEST, ""},
    {"history by cursor, middle", STORE_READ_HISTORY, true, false, MIDDLE, ""},
    {"history by cursor, oldest", STORE_READ_HISTORY, true, false, OLDEST, ""},
    {"history by offset, newest", STORE_READ_HISTORY, true, true, NEWEST, ""},
    {"history by offset, middle", STORE_READ_HISTORY, true, true, MIDDLE, ""},
    {"history by offset, oldest", STORE_READ_HISTORY, true, true, OLDEST, ""},
    {"search, common word", STORE_READ_SEARCH, false, false, NEWEST, "w1"},
    {"search, rare word", STORE_READ_SEARCH, false, false, NEWEST, "w29000"},
    {"search, two words", STORE_READ_SEARCH, false, false, NEWEST,
	"w300 w4000"},
    {"search, no such word", STORE_READ_SEARCH, false, false, NEWEST,
	"teapot"},
};

static _Noreturn void
die(const char *what)
{
	fprintf(stderr, "read_bench: %s\n", what);
	exit(1);
}

static void *
must(void *memory)
{
	if (memory == NULL)
		die("no memory");
	return memory;
}

static double
now_s(void)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

static void
settle(struct bench *bench, unsigned long window)
{
	while (bench->submitted - bench->done > window)
		ev_run(bench->loop, EVRUN_ONCE);
}

/* -------------------------------------------------------------- what there is */

static void
written(struct store_write *write)
{
	struct bench *bench = write->arg;

	if (write->status != STORE_OK)
		die("a write was refused");
	if (write->kind == STORE_WRITE_USER)
		bench->uid = write->record.sender;
	else if (write->kind == STORE_WRITE_APPEND) {
		bench->at->conv = write->record.conv;
		bench->at->last_seq = write->record.seq;
	}
	bench->done++;
}

static void
feed(void *arg, struct store_write *write)
{
	(void)arg;
	(void)write;
}

static void
submit(struct bench *bench, struct store_write *write)
{
	write->done = written;
	write->arg = bench;
	bench->submitted++;
	store_submit(bench->at->store, write);
}

static uint64_t
add_person(struct bench *bench, unsigned number)
{
	struct store_write *write = must(store_write_new(0));

	write->kind = STORE_WRITE_USER;
	snprintf(write->name, sizeof(write->name), "p%u", number);
	submit(bench, write);
	settle(bench, 0);
	return bench->uid;
}

static double
draw(struct bench *bench)
{
	bench->random = bench->random * UINT64_C(6364136223846793005) + 1;
	return (double)(bench->random >> 11) / 9007199254740992.0;
}

/* The n-th commonest word about n times as rare as the first. */
static unsigned
draw_word(struct bench *bench)
{
	double most = WORDS, n = 1;
	int i, steps = (int)(draw(bench) * 15);

	for (i = 0; i < steps && n < most; i++)
		n *= 2;
	return (unsigned)(n * (1 + draw(bench))) % WORDS;
}

static void
say(struct bench *bench, uint64_t sender, uint64_t peer)
{
	struct store_write *write = must(store_write_new(256));
	size_t len = 0;
	int i, words = 4 + (int)(draw(bench) * 12);

	for (i = 0; i < words; i++)
		len += (size_t)snprintf(write->extra + len, 256 - len,
		    "w%u ", draw_word(bench));
	write->kind = STORE_WRITE_APPEND;
	write->peer = peer;
	write->record.sender = sender;
	write->record.sender_name = "p";
	write->record.text = write->extra;
	write->record.text_len = (uint32_t)len;
	write->fingerprint = hash_bytes(write->extra, len);
	submit(bench, write);
	settle(bench, 10000);
}

static void
fill(struct bench *bench)
{
	struct store_write *mark = must(store_write_new(0));
	unsigned long i, j;
	uint64_t uid;

	bench->at->me = add_person(bench, 0);
	bench->at->other = add_person(bench, 1);
	for (i = 0; i < OTHERS; i++) {
		uid = add_person(bench, 2 + (unsigned)i);
		for (j = 0; j < FEW; j++)
			say(bench, uid, bench->at->me);
	}
	for (i = 0; i < bench->at->messages; i++)
		say(bench, bench->at->other, bench->at->me);
	settle(bench, 0);
	mark->kind = STORE_WRITE_MARK;
	mark->record.sender = bench->at->me;
	mark->record.conv = bench->at->conv;
	mark->mark.read = bench->at->last_seq - UNREAD;
	submit(bench, mark);
	settle(bench, 0);
}

static void
open_store(struct bench *bench)
{
	static const struct log log = {.level = LOG_LEVEL_WARN};
	const struct store_options options = {.kind = bench->kind,
	    .folder = bench->at->folder, .workers = 1, .readers = 1,
	    .log = &log};
	struct error err = {0};

	bench->at->store = store_open(&options, &err);
	if (bench->at->store == NULL)
		die(err.text);
	store_attach(bench->at->store, 0, bench->mailbox, feed, bench);
}

static void
remove_index(const struct place *place)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/search/data.mdb", place->folder);
	unlink(path);
	snprintf(path, sizeof(path), "%s/search/lock.mdb", place->folder);
	unlink(path);
}

static unsigned long
bytes_of(const struct place *place, const char *file)
{
	struct stat stats;
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", place->folder, file);
	return stat(path, &stats) == 0
	    ? (unsigned long)stats.st_blocks * 512 : 0;
}

static void
report_index(struct bench *bench)
{
	struct place *place = bench->at;
	double from;

	store_close(place->store);
	remove_index(place);
	open_store(bench);
	from = now_s();
	store_settle_search(place->store);
	printf("{\"case\":\"search, index made\",\"store\":\"%s\","
	       "\"messages\":%lu,\"s\":%.2f,\"index_bytes\":%lu,"
	       "\"store_bytes\":%lu}\n",
	    bench->kind, place->messages, now_s() - from,
	    bytes_of(place, "search/data.mdb"), bytes_of(place, "data.mdb"));
	fflush(stdout);
}

static void
make_place(struct bench *bench, const char *folder, unsigned long messages)
{
	if (bench->places_n == PLACES_MAX)
		die("too many numbers of messages");
	bench->at = &bench->places[bench->places_n++];
	bench->at->messages = messages;
	snprintf(bench->at->folder, sizeof(bench->at->folder), "%s.%lu",
	    folder, messages);
	bench->random = 2026;
	open_store(bench);
	fill(bench);
	if (strcmp(bench->kind, "lmdb") == 0)
		report_index(bench);
	store_settle_search(bench->at->store);
}

/* ---------------------------------------------------------------- the cases */

static void
answered(struct store_read *read)
{
	struct bench *bench = read->arg;

	if (read->status != STORE_OK)
		die("a read failed");
	bench->at->records = read->records_n;
	bench->done++;
	store_read_free(read);
}

static struct store_read *
make_read(struct bench *bench, const struct kind *kind)
{
	struct store_read *read = must(store_read_new(0));
	const struct place *at = bench->at;

	read->kind = kind->kind;
	read->uid = at->me;
	read->conv = kind->alone ? at->conv : 0;
	read->newest = true;
	read->by_offset = kind->by_offset;
	read->limit = 50;
	strcpy(read->search.words, kind->words);
	if (kind->by_offset)
		read->offset = kind->depth == MIDDLE ? at->messages / 2
		    : kind->depth == OLDEST ? at->messages - 50 : 0;
	else
		read->before = kind->depth == MIDDLE ? at->last_seq / 2
		    : kind->depth == OLDEST ? 51 : 0;
	read->done = answered;
	read->arg = bench;
	return read;
}

static void
measure(struct bench *bench, const struct kind *kind)
{
	double from = now_s(), took;
	unsigned long i;

	for (i = 0; i < bench->reads; i++) {
		bench->submitted++;
		store_query(bench->at->store, make_read(bench, kind));
		settle(bench, 50);
	}
	settle(bench, 0);
	took = (now_s() - from) / (double)bench->reads * 1e6;
	if (bench->at->best == 0 || took < bench->at->best)
		bench->at->best = took;
}

static void
report(struct bench *bench, const struct kind *kind)
{
	struct place *place, *end = bench->places + bench->places_n;
	int round;

	for (round = 0; round < ROUNDS; round++)
		for (bench->at = bench->places; bench->at < end; bench->at++)
			measure(bench, kind);
	for (place = bench->places; place < end; place++)
		printf("{\"case\":\"%s\",\"store\":\"%s\","
		       "\"messages\":%lu,\"records\":%lu,\"us\":%.1f,"
		       "\"ratio\":%.2f}\n",
		    kind->name, bench->kind, place->messages,
		    (unsigned long)place->records, place->best,
		    place->best / bench->places[0].best);
	for (place = bench->places; place < end; place++)
		place->best = 0;
	fflush(stdout);
}

static unsigned long
number(const char *text)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (*end != '\0' || value < 2 * UNREAD)
		die("a number of 200 or more is expected");
	return value;
}

int
main(int argc, char **argv)
{
	struct bench bench = {.kind = "lmdb", .reads = 1000};
	const char *folder = "read_bench.data";
	struct error err = {0};
	int option, i;
	size_t k;

	while ((option = getopt(argc, argv, "s:d:r:")) != -1) {
		if (option == 's')
			bench.kind = optarg;
		else if (option == 'd')
			folder = optarg;
		else if (option == 'r')
			bench.reads = number(optarg);
		else
			die("[-s lmdb|memory] [-d folder that is not there] "
			    "[-r reads a round] messages…");
	}
	if (optind == argc)
		die("how many messages? e.g. 1000 1000000");
	bench.loop = must(ev_loop_new(EVFLAG_AUTO));
	bench.mailbox = mailbox_new(bench.loop, &bench, &err);
	if (bench.mailbox == NULL)
		die(err.text);
	for (i = optind; i < argc; i++)
		make_place(&bench, folder, number(argv[i]));
	for (k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++)
		report(&bench, &kinds[k]);
	for (k = 0; k < bench.places_n; k++)
		store_close(bench.places[k].store);
	mailbox_free(bench.mailbox);
	ev_loop_destroy(bench.loop);
	return 0;
}

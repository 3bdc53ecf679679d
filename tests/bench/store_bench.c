/* SPDX-License-Identifier: MIT */
#include <ev.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/hash.h"
#include "store/store.h"

/*
 * How fast the store takes direct messages: one submitter keeps a window of
 * them under way, to conversations in random order.  Prints one JSON line;
 * the writer's CPU is the process's less the submitter's.
 */
struct bench {
	const char *kind, *folder;
	unsigned long people, count, window, text;
	struct ev_loop *loop;
	struct store *store;
	unsigned long submitted, done, failed;
	uint64_t random, first_id; /* ids are new in each run */
	uint64_t *uids, *convs; /* person 2i and 2i+1 talk in convs[i] */
	double *started, *took; /* of each message, seconds */
	struct store_read *page;
};

struct usage {
	double wall, process, submitter, process_user, submitter_user;
};

static double
clock_s(clockid_t id)
{
	struct timespec at;

	clock_gettime(id, &at);
	return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

static double
user_s(int who)
{
	struct rusage usage;

	getrusage(who, &usage);
	return (double)usage.ru_utime.tv_sec +
	    (double)usage.ru_utime.tv_usec / 1e6;
}

static struct usage
usage_now(void)
{
	return (struct usage){clock_s(CLOCK_MONOTONIC),
	    clock_s(CLOCK_PROCESS_CPUTIME_ID),
	    clock_s(CLOCK_THREAD_CPUTIME_ID), user_s(RUSAGE_SELF),
	    user_s(RUSAGE_THREAD)};
}

static int
by_value(const void *one, const void *other)
{
	double a = *(const double *)one, b = *(const double *)other;

	return (a > b) - (a < b);
}

static _Noreturn void
die(const char *what)
{
	fprintf(stderr, "store_bench: %s\n", what);
	exit(1);
}

static void *
must(void *memory)
{
	if (memory == NULL)
		die("no memory");
	return memory;
}

/* ----------------------------------------------------------------- messages */

static void
written(struct store_write *write)
{
	struct bench *bench = write->arg;

	if (write->status != STORE_OK)
		bench->failed++;
	if (write->kind == STORE_WRITE_APPEND && bench->took != NULL)
		bench->took[write->session] = clock_s(CLOCK_MONOTONIC) -
		    bench->started[write->session];
	if (write->kind == STORE_WRITE_USER)
		bench->uids[write->session] = write->record.sender;
	else if (bench->took == NULL)
		bench->convs[write->session] = write->record.conv;
	bench->done++;
}

static void
feed(void *arg, struct store_write *write)
{
	(void)arg;
	(void)write;
}

static void
submit(struct bench *bench, struct store_write *write, uint64_t number)
{
	write->done = written;
	write->arg = bench;
	write->session = number;
	bench->submitted++;
	store_submit(bench->store, write);
}

static struct store_write *
make_message(struct bench *bench, unsigned long pair, unsigned long number)
{
	struct store_write *write = must(store_write_new(16 + bench->text));
	struct record *record = &write->record;

	write->kind = STORE_WRITE_APPEND;
	record->sender = bench->uids[2 * pair];
	write->peer = bench->uids[2 * pair + 1];
	record->conv = bench->convs[pair];
	record->sender_name = "p";
	record->client_msg_id_len =
	    (uint8_t)snprintf(write->extra, 16, "%014llx",
		(unsigned long long)(bench->first_id + number));
	record->client_msg_id = write->extra;
	record->text = memset(write->extra + 16, 'x', bench->text);
	record->text_len = (uint32_t)bench->text;
	write->fingerprint = hash_bytes(record->text, record->text_len);
	return write;
}

static void
settle(struct bench *bench, unsigned long window)
{
	while (bench->submitted - bench->done > window)
		ev_run(bench->loop, EVRUN_ONCE);
}

static void
make_people(struct bench *bench)
{
	struct store_write *write;
	unsigned long i;

	for (i = 0; i < bench->people; i++) {
		write = must(store_write_new(0));
		write->kind = STORE_WRITE_USER;
		snprintf(write->name, sizeof(write->name), "p%lu", i);
		submit(bench, write, i);
		settle(bench, 10000);
	}
	settle(bench, 0);
	for (i = 0; i < bench->people / 2; i++) {
		submit(bench, make_message(bench, i, 0), i);
		settle(bench, 10000);
	}
	settle(bench, 0);
}

static unsigned long
next_pair(struct bench *bench)
{
	bench->random = bench->random * UINT64_C(6364136223846793005) + 1;
	return (unsigned long)(bench->random >> 33) % (bench->people / 2);
}

static void
run(struct bench *bench)
{
	unsigned long i;

	bench->started = must(calloc(bench->count, sizeof(double)));
	bench->took = must(calloc(bench->count, sizeof(double)));
	for (i = 0; i < bench->count; i++) {
		bench->started[i] = clock_s(CLOCK_MONOTONIC);
		submit(bench, make_message(bench, next_pair(bench), i + 1),
		    i);
		settle(bench, bench->window - 1);
	}
	settle(bench, 0);
}

static void
answered(struct store_read *read)
{
	struct bench *bench = read->arg;

	bench->page = read;
}

/* Reads all of it back, in the order of ids, by pages: records a second. */
static double
drain(struct bench *bench)
{
	unsigned long pairs = bench->people / 2, i, records = 0;
	size_t size = pairs * sizeof(struct store_position);
	struct store_position *positions = must(calloc(1, size));
	double from = clock_s(CLOCK_MONOTONIC);
	bool more = true;

	for (i = 0; i < pairs; i++)
		positions[i].conv = bench->convs[i];
	while (more) {
		struct store_read *read = must(store_read_new(size));

		read->kind = STORE_READ_CATCH_UP;
		read->limit = 1000;
		read->positions = (struct store_position *)(void *)read->extra;
		read->positions_n = pairs;
		memcpy(read->positions, positions, size);
		read->done = answered;
		read->arg = bench;
		bench->page = NULL;
		store_query(bench->store, read);
		while (bench->page == NULL)
			ev_run(bench->loop, EVRUN_ONCE);
		memcpy(positions, read->positions, size);
		records += read->records_n;
		more = read->more;
		store_read_free(read);
	}
	free(positions);
	return (double)records / (clock_s(CLOCK_MONOTONIC) - from);
}

/* -------------------------------------------------------------- measurement */

/* The disk's own: p50 of 4 KiB written and synchronised, in ms. */
static double
fdatasync_ms(const char *folder)
{
	static char page[4096];
	double took[100], from;
	char path[512];
	size_t i, n = sizeof(took) / sizeof(took[0]);
	int fd;

	snprintf(path, sizeof(path), "%s/fdatasync", folder);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	if (fd < 0)
		die("cannot write in the folder");
	for (i = 0; i < n; i++) {
		from = clock_s(CLOCK_MONOTONIC);
		if (pwrite(fd, page, sizeof(page), (off_t)(i * 4096)) < 0 ||
		    fdatasync(fd) != 0)
			die("cannot write in the folder");
		took[i] = clock_s(CLOCK_MONOTONIC) - from;
	}
	close(fd);
	unlink(path);
	qsort(took, n, sizeof(took[0]), by_value);
	return took[n / 2] * 1e3;
}

static void
report(struct bench *bench, const struct usage *from, const struct usage *to,
    double drained_s)
{
	double n = (double)bench->count, submitter, writer, writer_user;

	submitter = to->submitter - from->submitter;
	writer = to->process - from->process - submitter;
	writer_user = to->process_user - from->process_user -
	    (to->submitter_user - from->submitter_user);
	qsort(bench->took, bench->count, sizeof(double), by_value);
	printf("{\"store\":\"%s\",\"people\":%lu,\"count\":%lu,"
	       "\"window\":%lu,\"text\":%lu,\"failed\":%lu,"
	       "\"appends_s\":%.0f,\"writer_us\":%.2f,"
	       "\"writer_user_us\":%.2f,\"submitter_us\":%.2f,"
	       "\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"fdatasync_ms\":%.3f,"
	       "\"drained_s\":%.0f}\n",
	    bench->kind, bench->people, bench->count, bench->window,
	    bench->text, bench->failed, n / (to->wall - from->wall),
	    writer / n * 1e6, writer_user / n * 1e6, submitter / n * 1e6,
	    bench->took[bench->count / 2] * 1e3,
	    bench->took[bench->count * 99 / 100] * 1e3,
	    strcmp(bench->kind, "lmdb") == 0 ? fdatasync_ms(bench->folder) : 0,
	    drained_s);
}

static unsigned long
number(const char *text)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (*end != '\0' || value == 0)
		die("a number is expected");
	return value;
}

static void
read_options(struct bench *bench, int argc, char **argv)
{
	int option;

	while ((option = getopt(argc, argv, "s:d:p:n:w:t:")) != -1) {
		switch (option) {
		case 's':
			bench->kind = optarg;
			break;
		case 'd':
			bench->folder = optarg;
			break;
		case 'p':
			bench->people = (number(optarg) + 1) & ~1ul;
			break;
		case 'n':
			bench->count = number(optarg);
			break;
		case 'w':
			bench->window = number(optarg);
			break;
		case 't':
			bench->text = number(optarg);
			break;
		default:
			die("[-s lmdb|memory] [-d folder] [-p people] "
			    "[-n messages] [-w under way] [-t text bytes]");
		}
	}
}

int
main(int argc, char **argv)
{
	struct bench bench = {.kind = "lmdb", .folder = "store_bench.data",
	    .people = 400, .count = 200000, .window = 1600, .text = 100};
	const struct log log = {.level = LOG_LEVEL_WARN};
	struct store_options options = {.workers = 1, .log = &log};
	struct error err = {0};
	struct mailbox *mailbox;
	struct usage from, to;

	read_options(&bench, argc, argv);
	bench.first_id = (uint64_t)(clock_s(CLOCK_REALTIME) * 1e6);
	options.kind = bench.kind;
	options.folder = bench.folder;
	bench.loop = must(ev_loop_new(EVFLAG_AUTO));
	bench.uids = must(calloc(bench.people, sizeof(uint64_t)));
	bench.convs = must(calloc(bench.people / 2, sizeof(uint64_t)));
	mailbox = mailbox_new(bench.loop, &bench, &err);
	bench.store = mailbox != NULL ? store_open(&options, &err) : NULL;
	if (bench.store == NULL)
		die(err.text);
	store_attach(bench.store, 0, mailbox, feed, &bench);
	make_people(&bench);
	bench.failed = 0;
	from = usage_now();
	run(&bench);
	to = usage_now();
	report(&bench, &from, &to, drain(&bench));
	store_close(bench.store);
	mailbox_free(mailbox);
	ev_loop_destroy(bench.loop);
	free(bench.started);
	free(bench.took);
	free(bench.convs);
	free(bench.uids);
	return bench.failed == 0 ? 0 : 1;
}

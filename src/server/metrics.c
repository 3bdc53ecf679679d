/* SPDX-License-Identifier: MIT */
#include "server/metrics.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include "server/bans.h"
#include "server/server.h"
#include "server/worker.h"

static void
put_head(struct buf *out, const char *name, const char *type,
    const char *help)
{
	buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name,
	    type);
}

static void
put(struct buf *out, const char *name, const char *type, uint64_t value,
    const char *help)
{
	put_head(out, name, type, help);
	buf_printf(out, "%s %llu\n", name, (unsigned long long)value);
}

static void
put_seconds(struct buf *out, const char *name, const char *type,
    int64_t micros, const char *help)
{
	put_head(out, name, type, help);
	buf_printf(out, "%s %lld.%06lld\n", name,
	    (long long)(micros / 1000000), (long long)(micros % 1000000));
}

/* -------------------------------------------------------------- the server */

static void
put_closed(struct buf *out, const struct numbers *sum)
{
	static const char name[] = "synctalk_connections_closed_total";
	enum close_reason reason;

	put_head(out, name, "counter", "Connections ended, by reason.");
	for (reason = 0; reason < CLOSE_REASONS_COUNT; reason++)
		buf_printf(out, "%s{reason=\"%s\"} %llu\n", name,
		    close_reason_info(reason)->name,
		    (unsigned long long)sum->closed[reason]);
}

static void
put_refused(struct buf *out, const struct numbers *sum)
{
	static const char name[] = "synctalk_refusals_total";
	enum chat_code code;

	put_head(out, name, "counter",
	    "Requests of the protocol answered with an error, by code.");
	for (code = 0; code < CODES_COUNT; code++)
		buf_printf(out, "%s{code=\"%s\"} %llu\n", name,
		    chat_code_name(code),
		    (unsigned long long)sum->chat.refused[code]);
}

static void
put_server(struct buf *out, const struct server *server,
    const struct numbers *sum)
{
	put_head(out, "synctalk_build_info", "gauge", "Always 1.");
	buf_printf(out, "synctalk_build_info{version=\"%s\",store=\"%s\"} 1\n",
	    SYNCTALK_VERSION, store_kind(server->store));
	put(out, "synctalk_workers", "gauge", server->workers_n,
	    "Threads that serve connections.");
	put(out, "synctalk_connections", "gauge", sum->connections,
	    "Connections that are open.");
	put(out, "synctalk_connections_accepted_total", "counter",
	    sum->accepted, "Connections taken in.");
	put_closed(out, sum);
	put(out, "synctalk_http_requests_total", "counter", sum->requests,
	    "HTTP requests read.");
	put(out, "synctalk_sessions", "gauge", sum->chat.sessions,
	    "Devices that are signed in.");
	put(out, "synctalk_people", "gauge", sum->chat.people,
	    "People who are held in memory.");
	put(out, "synctalk_messages_total", "counter", sum->chat.appended,
	    "Messages taken and stored.");
	put(out, "synctalk_deliveries_total", "counter", sum->chat.delivered,
	    "Events queued for sessions.");
	put_refused(out, sum);
	put(out, "synctalk_queued_bytes", "gauge", sum->queued,
	    "Bytes that wait for readers.");
	put(out, "synctalk_locked_down", "gauge",
	    bans_locked_down(server->bans), "1: by the operator.");
	put(out, "synctalk_banned_ranges", "gauge", bans_count(server->bans),
	    "Ranges of addresses that are not let in.");
	put(out, "synctalk_disk_has_room", "gauge",
	    store_has_room(server->store),
	    "0: messages are refused until there is.");
}

/* -------------------------------------------------------------- the process */

static void
put_memory(struct buf *out)
{
	unsigned long long total = 0, resident = 0;
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	FILE *file = fopen("/proc/self/statm", "re");

	if (file == NULL)
		return;
	if (fscanf(file, "%llu %llu", &total, &resident) == 2) {
		put(out, "process_virtual_memory_bytes", "gauge",
		    total * page, "Address space.");
		put(out, "process_resident_memory_bytes", "gauge",
		    resident * page, "Memory in use.");
	}
	fclose(file);
}

static void
put_descriptors(struct buf *out)
{
	struct rlimit limit;
	uint64_t n = 0;
	DIR *folder = opendir("/proc/self/fd");

	if (folder == NULL)
		return;
	while (readdir(folder) != NULL)
		n++;
	closedir(folder);
	/* Beside ".", ".." and the folder itself. */
	put(out, "process_open_fds", "gauge", n > 3 ? n - 3 : 0,
	    "Open file descriptors.");
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
		put(out, "process_max_fds", "gauge", limit.rlim_cur,
		    "How many there may be.");
}

static void
put_process(struct buf *out, const struct server *server)
{
	struct rusage usage;
	struct timeval all;

	put_memory(out);
	put_descriptors(out);
	if (getrusage(RUSAGE_SELF, &usage) == 0) {
		timeradd(&usage.ru_utime, &usage.ru_stime, &all);
		put_seconds(out, "process_cpu_seconds_total", "counter",
		    all.tv_sec * INT64_C(1000000) + all.tv_usec,
		    "Time of processors, in user and system mode.");
	}
	put_seconds(out, "process_start_time_seconds", "gauge",
	    server->started_us, "Since 1970, in UTC.");
}

void
metrics_put(const struct server *server, struct buf *out)
{
	struct numbers sum = { 0 }, part;
	size_t i;

	for (i = 0; i < server->workers_n; i++) {
		numbers_read(server->workers[i], &part);
		numbers_add(&sum, &part);
	}
	put_server(out, server, &sum);
	put_process(out, server);
}

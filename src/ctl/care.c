/* SPDX-License-Identifier: MIT */
#include "ctl/care.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "ctl/export.h"
#include "ctl/import.h"
#include "store/backup.h"
#include "store/check.h"
#include "store/lmdb.h"
#include "store/meta.h"

static int
complain(const struct error *err)
{
	fprintf(stderr, "synctalkctl: %s\n", err->text);
	return 1;
}

static const char *
text_of(const json_t *arguments, const char *key)
{
	return json_string_value(json_object_get(arguments, key));
}

/* Prints an object and drops it. */
static int
print_json(json_t *object)
{
	int rc = object == NULL ||
	    json_dumpf(object, stdout, JSON_INDENT(2)) != 0 ||
	    putchar('\n') == EOF || fflush(stdout) != 0;

	json_decref(object);
	if (rc != 0)
		perror("synctalkctl: cannot write the answer");
	return rc;
}

/* ------------------------------------------------------------------- backup */

static int
run_backup(const json_t *arguments, const char *data, bool json)
{
	const char *folder = text_of(arguments, "folder");
	struct error err = {0};

	if (backup_make(data, folder, &err) != 0)
		return complain(&err);
	if (json)
		return print_json(json_pack("{s:s}", "folder", folder));
	printf("%s is a copy of %s\n", folder, data);
	return 0;
}

/* -------------------------------------------------------------------- check */

/* A store with a snapshot of it. */
struct snapshot {
	struct kv *kv;
	struct kv_txn *txn;
};

static void
close_snapshot(struct snapshot *snapshot)
{
	if (snapshot->txn != NULL)
		kv_reset(snapshot->txn);
	kv_reader_free(snapshot->txn);
	kv_close(snapshot->kv);
}

static int
open_snapshot(struct snapshot *snapshot, const char *data, struct error *err)
{
	struct meta meta;
	int result;

	memset(snapshot, 0, sizeof(*snapshot));
	snapshot->kv = kv_lmdb_open_reading(data, err);
	if (snapshot->kv == NULL)
		return -1;
	snapshot->txn = kv_reader_new(snapshot->kv, err);
	if (snapshot->txn == NULL || kv_renew(snapshot->txn) != KV_OK) {
		if (snapshot->txn != NULL)
			error_set(err, ERROR_SYSTEM, "the store in %s cannot "
			    "be read", data);
		kv_reader_free(snapshot->txn);
		kv_close(snapshot->kv);
		return -1;
	}
	result = meta_read(snapshot->txn, &meta, err);
	if (result == 1)
		error_set(err, ERROR_STATE, "the store in %s is empty", data);
	if (result != 0)
		close_snapshot(snapshot);
	return result == 0 ? 0 : -1;
}

static void
print_finding(void *arg, const char *finding)
{
	if (arg != NULL)
		json_array_append_new(arg, json_string(finding));
	else
		puts(finding);
}

static int
print_totals(const struct check_totals *totals, json_t *findings)
{
	if (findings != NULL)
		return print_json(json_pack("{s:O,s:I,s:I,s:I,s:I,s:I}",
		    "findings", findings,
		    "people", (json_int_t)totals->people,
		    "conversations", (json_int_t)totals->conversations,
		    "events", (json_int_t)totals->events,
		    "messages", (json_int_t)totals->messages,
		    "rows", (json_int_t)totals->rows));
	printf("%llu people, %llu conversations, %llu events (%llu messages), "
	    "%llu rows: ", (unsigned long long)totals->people,
	    (unsigned long long)totals->conversations,
	    (unsigned long long)totals->events,
	    (unsigned long long)totals->messages,
	    (unsigned long long)totals->rows);
	if (totals->findings == 0)
		puts("all is well");
	else
		printf("%llu finding%s\n",
		    (unsigned long long)totals->findings,
		    totals->findings == 1 ? "" : "s");
	return 0;
}

static int
run_check(const json_t *arguments, const char *data, bool json)
{
	json_t *findings = json ? json_array() : NULL;
	struct snapshot snapshot;
	struct check_totals totals;
	struct error err = {0};
	int rc;

	(void)arguments;
	if (open_snapshot(&snapshot, data, &err) != 0) {
		json_decref(findings);
		return complain(&err);
	}
	if (check_store(snapshot.txn, print_finding, findings, &totals,
	    &err) != 0)
		rc = complain(&err);
	else
		rc = print_totals(&totals, findings) != 0 ||
		    totals.findings != 0;
	close_snapshot(&snapshot);
	json_decref(findings);
	return rc;
}

/* -------------------------------------------------------- export and import */

/* Into the open file, which it closes. */
static int
write_export(const char *data, const char *user, FILE *out, struct error *err)
{
	struct snapshot snapshot;
	int rc = -1;

	if (open_snapshot(&snapshot, data, err) == 0) {
		rc = export_write(snapshot.txn, user, out, err);
		close_snapshot(&snapshot);
	}
	if (rc == 0 && (fflush(out) != 0 || ferror(out))) {
		error_set_errno(err, "cannot write the export");
		rc = -1;
	}
	if (out != stdout && fclose(out) != 0 && rc == 0) {
		error_set_errno(err, "cannot write the export");
		rc = -1;
	}
	return rc;
}

static int
run_export(const json_t *arguments, const char *data, bool json)
{
	const char *path = text_of(arguments, "file");
	struct error err = {0};
	FILE *out = stdout;
	int fd = -1;

	(void)json;
	if (path != NULL && strcmp(path, "-") == 0)
		path = NULL;
	if (path != NULL) {
		/* Nobody else is to read it, and no file is lost. */
		fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		out = fd >= 0 ? fdopen(fd, "w") : NULL;
	}
	if (out == NULL) {
		error_set_errno(&err, "cannot make %s", path);
		return complain(&err);
	}
	if (write_export(data, text_of(arguments, "user"), out, &err) == 0)
		return 0;
	if (path != NULL)
		unlink(path);
	return complain(&err);
}

static int
run_import(const json_t *arguments, const char *data, bool json)
{
	const char *path = text_of(arguments, "file");
	FILE *in = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	struct error err = {0};
	uint64_t lines;
	int rc;

	if (in == NULL) {
		error_set_errno(&err, "cannot read %s", path);
		return complain(&err);
	}
	rc = import_read(in, data, &lines, &err);
	if (in != stdin)
		fclose(in);
	if (rc != 0)
		return complain(&err);
	if (json)
		return print_json(json_pack("{s:s,s:I}", "folder", data,
		    "lines", (json_int_t)lines));
	printf("%s is made of %llu lines\n", data, (unsigned long long)lines);
	return 0;
}

/* ---------------------------------------------------------------- the table */

/* The database is mapped: this is how a page that the file lacks is missed. */
static void
on_sigbus(int number)
{
	static const char text[] = "synctalkctl: data.mdb is cut off, or its "
	    "disk fails; a backup may have it\n";

	(void)number;
	if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
		_exit(2); /* nowhere is left to say so */
	_exit(1);
}

int
care_run(const char *name, const json_t *arguments, const char *data,
    bool json)
{
	static const struct {
		const char *name;
		int (*run)(const json_t *arguments, const char *data,
		    bool json);
	} commands[] = {
	    {"backup", run_backup}, {"check", run_check},
	    {"export", run_export}, {"import", run_import}};
	size_t i = 0;
	int rc;

	while (strcmp(commands[i].name, name) != 0)
		i++; /* arguments.c has no others */
	signal(SIGBUS, on_sigbus);
	rc = commands[i].run(arguments, data, json);
	if (rc != 0 || (fflush(stdout) == 0 && !ferror(stdout)))
		return rc;
	perror("synctalkctl: cannot write the answer");
	return 1;
}

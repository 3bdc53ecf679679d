/* SPDX-License-Identifier: MIT */
#include "ctl/import.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/utf8.h"
#include "ctl/import_state.h"
#include "ctl/lines.h"
#include "store/backup.h"
#include "store/check.h"
#include "store/lmdb.h"

/* Lines of a transaction. */
#define BATCH 2000

void
import_fail(struct import *import, const char *key, const char *what)
{
	if (import->failed)
		return;
	import->failed = true;
	error_set(import->err, ERROR_INPUT, "line %llu: \"%s\" %s",
	    (unsigned long long)import->line, key, what);
}

void
import_put(struct import *import, enum kv_table table, const struct key *key,
    const void *value, size_t len)
{
	if (import->failed)
		return;
	if (len == 0 && value != NULL) {
		import_fail(import, "type", "says more than there is room for");
	} else if (kv_put(import->txn, table, key_bytes(key),
	    (struct kv_bytes){value != NULL ? value : "", len}) != KV_OK) {
		import->failed = true;
		error_set(import->err, ERROR_SYSTEM, "line %llu: the new "
		    "store cannot be written: is the disk full?",
		    (unsigned long long)import->line);
	}
}

void
import_put_u64(struct import *import, enum kv_table table,
    const struct key *key, uint64_t value)
{
	import_put(import, table, key, import->room,
	    row_pack_u64(value, import->room));
}

/* ---------------------------------------------------------------- members */

const char *
import_text(struct import *import, const char *key, size_t max, bool needed)
{
	const json_t *value = json_object_get(import->object, key);
	const char *text = json_string_value(value);
	size_t len = json_string_length(value);

	if (value == NULL && !needed)
		return "";
	if (text == NULL || len > max || strlen(text) != len ||
	    (needed && len == 0)) {
		import_fail(import, key, value == NULL ? "is missing" :
		    "is no text, or too long");
		return "";
	}
	return text;
}

uint64_t
import_number(struct import *import, const char *key, uint64_t max,
    bool needed)
{
	const json_t *value = json_object_get(import->object, key);
	json_int_t number = json_integer_value(value);

	if (value == NULL && !needed)
		return 0;
	if (!json_is_integer(value) || number < (needed ? 1 : 0) ||
	    (uint64_t)number > max) {
		import_fail(import, key, value == NULL ? "is missing" :
		    "is no number that can stand here");
		return 0;
	}
	return (uint64_t)number;
}

bool
import_flag(struct import *import, const char *key)
{
	const json_t *value = json_object_get(import->object, key);

	if (value != NULL && !json_is_boolean(value))
		import_fail(import, key, "is neither true nor false");
	return json_is_true(value);
}

int64_t
import_time(struct import *import, const char *key)
{
	const char *text = import_text(import, key, LINES_TIME_SIZE, false);
	int64_t us = 0;

	if (text[0] != '\0' && lines_parse_time(text, &us) != 0)
		import_fail(import, key, "is no time such as "
		    "2026-11-22T01:27:08.123456Z");
	return us;
}

uint64_t
import_hash(struct import *import, const char *key)
{
	const char *text = import_text(import, key, 16, false);
	size_t len = strlen(text);

	if (len == 0)
		return 0;
	if (len != 16 || strspn(text, "0123456789abcdef") != len)
		import_fail(import, key, "is no hash of 16 digits");
	return strtoull(text, NULL, 16);
}

uint8_t
import_named(struct import *import, const char *key,
    const struct lines_names *names)
{
	const char *text = import_text(import, key, 32, false);
	int number = text[0] != '\0' ? lines_number(names, text) : 0;

	if (number < 0)
		import_fail(import, key, "is none of the names that can "
		    "stand here");
	return number < 0 ? 0 : (uint8_t)number;
}

static uint64_t
find_person(struct import *import, const char *key, const char *name,
    size_t len)
{
	uint64_t uid = 0;
	struct key at = {.len = len};

	if (len <= NAME_BYTES_MAX) {
		memcpy(at.bytes, name, len);
		row_get_u64(import->txn, KV_UNAME, &at, &uid);
	}
	if (uid == 0)
		import_fail(import, key, "is a person that no line before it "
		    "has");
	return uid;
}

uint64_t
import_person(struct import *import, const char *key, bool needed)
{
	const char *name = import_text(import, key, NAME_BYTES_MAX, needed);

	return name[0] == '\0' ? 0 :
	    find_person(import, key, name, strlen(name));
}

/* Its two people. */
void
import_pair(struct import *import, const char *key, const char *name,
    uint64_t *a, uint64_t *b)
{
	const char *colon = strchr(name, ':');

	*a = *b = 0;
	if (name[0] != '@' || colon == NULL) {
		import_fail(import, key, "is no direct conversation");
		return;
	}
	*a = find_person(import, key, name + 1, (size_t)(colon - name - 1));
	*b = find_person(import, key, colon + 1, strlen(colon + 1));
}

struct conversation_row *
import_find(struct import *import, const char *key, const char *name)
{
	uint64_t conv = 0, a, b;
	struct key at;

	if (name[0] == '@') {
		import_pair(import, key, name, &a, &b);
		key_direct(&at, a, b);
	} else {
		key_string(&at, name);
	}
	if (!import->failed)
		row_get_u64(import->txn, KV_CNAME, &at, &conv);
	if (conv == 0 || conv > import->rows_n) {
		import_fail(import, key, "is a conversation that no line "
		    "before it has");
		return NULL;
	}
	return &import->rows[conv - 1];
}

struct conversation_row *
import_conversation(struct import *import)
{
	return import_find(import, "conversation", import_text(import,
	    "conversation", CONVERSATION_NAME_MAX, true));
}

/* ----------------------------------------------------------- the whole file */

static int
begin_batch(struct import *import)
{
	import->txn = kv_begin(import->kv, import->err);
	return import->txn != NULL ? 0 : -1;
}

static int
end_batch(struct import *import)
{
	enum kv_result result = kv_commit(import->txn, import->err);

	import->txn = NULL;
	return result == KV_OK ? 0 : -1;
}

/* The first line, or the last, or one between them. */
static void
take_line(struct import *import, const char *type)
{
	bool first = strcmp(type, "synctalk-export") == 0;

	if (first != (import->line == 1))
		import_fail(import, "type", first ? "begins an export again" :
		    "comes before the first line of an export");
	else if (first && json_object_get(import->object, "user") != NULL)
		import_fail(import, "user", "says that this is what one "
		    "person has: it cannot be imported");
	else if (first && import_number(import, "version", UINT32_MAX, true) !=
	    LINES_VERSION)
		import_fail(import, "version", "is not what this program "
		    "knows");
	else if (strcmp(type, "end") == 0 && import_number(import, "lines",
	    UINT64_MAX >> 1, true) != import->line)
		import_fail(import, "lines", "is not how many came: some are "
		    "missing");
	else if (strcmp(type, "end") == 0)
		import->ended = true;
	else if (!first)
		import_take(import, type);
}

static int
read_line(struct import *import, const char *text, size_t len)
{
	struct error why = {0};

	import->line++;
	if (len != 0 && text[len - 1] == '\n')
		len--;
	if (import->ended) {
		error_set(import->err, ERROR_INPUT, "line %llu: the export "
		    "has ended", (unsigned long long)import->line);
		return -1;
	}
	import->object = json_parse_object(text, len, &why);
	if (import->object == NULL) {
		error_set(import->err, ERROR_INPUT, "line %llu: %s",
		    (unsigned long long)import->line, why.text);
		return -1;
	}
	take_line(import, import_text(import, "type", 32, true));
	json_decref(import->object);
	if (import->failed)
		return -1;
	if (import->line % BATCH != 0)
		return 0;
	return end_batch(import) == 0 ? begin_batch(import) : -1;
}

static int
read_lines(struct import *import, FILE *in)
{
	char *text = NULL;
	size_t size = 0;
	ssize_t len;
	int rc = 0;

	while (rc == 0 && (len = getline(&text, &size, in)) != -1)
		rc = read_line(import, text, (size_t)len);
	free(text);
	if (rc == 0 && ferror(in)) {
		error_set_errno(import->err, "cannot read the export");
		rc = -1;
	} else if (rc == 0 && !import->ended) {
		error_set(import->err, ERROR_INPUT, "line %llu: the export "
		    "ends without its last line: some are missing",
		    (unsigned long long)import->line + 1);
		rc = -1;
	}
	return rc;
}

/* The first finding is said. */
static void
keep_finding(void *arg, const char *finding)
{
	struct import *import = arg;

	if (!import->failed)
		error_set(import->err, ERROR_INPUT, "the lines do not fit "
		    "together: %s", finding);
	import->failed = true;
}

static int
check(struct import *import)
{
	struct check_totals totals;
	int rc;

	if (begin_batch(import) != 0)
		return -1;
	rc = check_store(import->txn, keep_finding, import, &totals,
	    import->err);
	kv_abort(import->txn);
	import->txn = NULL;
	return rc != 0 || totals.findings != 0 ? -1 : 0;
}

static int
fill(struct import *import, FILE *in)
{
	struct meta meta;

	if (begin_batch(import) != 0 ||
	    meta_make(import->txn, &meta, import->err) != 0)
		return -1;
	import->mark_key = meta.mark_key;
	if (read_lines(import, in) != 0)
		return -1;
	import_end(import);
	if (import->failed || end_batch(import) != 0)
		return -1;
	return check(import);
}

int
import_read(FILE *in, const char *data, uint64_t *lines, struct error *err)
{
	struct import import = {.err = err};
	struct kv_lmdb_options options = {.readers = 1};
	struct backup_folder folder;
	int rc = -1;

	if (backup_begin(&folder, data, err) != 0)
		return -1;
	options.folder = folder.part;
	import.kv = kv_lmdb_open(&options, err);
	if (import.kv != NULL) {
		rc = fill(&import, in);
		if (import.txn != NULL)
			kv_abort(import.txn);
		kv_close(import.kv);
	}
	free(import.rows);
	if (rc == 0)
		rc = backup_finish(&folder, err);
	if (rc != 0)
		backup_abandon(&folder);
	*lines = import.line;
	return rc;
}

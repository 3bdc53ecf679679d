/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/keys.h"
#include "store/lmdb.h"
#include "store/memory.h"

/*
 * Both kinds of tables against a model: a sorted array of short keys and
 * values, changed by the same random operations.
 */
#define MODEL_MAX 4096
#define KEY_MAX 24

struct pair {
	unsigned char key[KEY_MAX];
	size_t key_len;
	uint32_t value;
};

struct model {
	size_t n;
	struct pair pairs[MODEL_MAX];
};

static char folder[64];

static struct kv *
open_kv(const char *kind)
{
	const struct kv_lmdb_options options = {
	    .folder = folder, .readers = 2};
	struct error err = {0};
	struct kv *kv;

	kv = strcmp(kind, "lmdb") == 0 ? kv_lmdb_open(&options, &err)
				       : kv_memory_open(&err);
	if (kv == NULL)
		fail_msg("%s", err.text);
	return kv;
}

static int
make_folder(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/kv_test.XXXXXX");
	return mkdtemp(folder) != NULL ? 0 : -1;
}

static int
remove_folder(void **state)
{
	static const char *const files[] = {"lock", "data.mdb", "lock.mdb"};
	char path[128];
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, files[i]);
		unlink(path);
	}
	rmdir(folder);
	return 0;
}

static uint32_t
next_random(uint64_t *seed)
{
	*seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (uint32_t)(*seed >> 33);
}

static int
order(struct kv_bytes one, struct kv_bytes other)
{
	size_t len = one.len < other.len ? one.len : other.len;
	int result = memcmp(one.data, other.data, len);

	if (result != 0)
		return result;
	return (one.len > other.len) - (one.len < other.len);
}

static struct kv_bytes
key_of(const struct pair *pair)
{
	return (struct kv_bytes){pair->key, pair->key_len};
}

/* The first that is not below key. */
static size_t
model_seek(const struct model *model, struct kv_bytes key, bool *equal)
{
	size_t at = 0;

	while (at < model->n && order(key_of(&model->pairs[at]), key) < 0)
		at++;
	*equal = at < model->n && order(key_of(&model->pairs[at]), key) == 0;
	return at;
}

static void
model_put(struct model *model, struct kv_bytes key, uint32_t value)
{
	bool equal;
	size_t at = model_seek(model, key, &equal);

	if (!equal) {
		assert_true(model->n < MODEL_MAX);
		memmove(&model->pairs[at + 1], &model->pairs[at],
		    (model->n - at) * sizeof(model->pairs[0]));
		memcpy(model->pairs[at].key, key.data, key.len);
		model->pairs[at].key_len = key.len;
		model->n++;
	}
	model->pairs[at].value = value;
}

static bool
model_del(struct model *model, struct kv_bytes key)
{
	bool equal;
	size_t at = model_seek(model, key, &equal);

	if (!equal)
		return false;
	model->n--;
	memmove(&model->pairs[at], &model->pairs[at + 1],
	    (model->n - at) * sizeof(model->pairs[0]));
	return true;
}

/* Few different bytes and many lengths: prefixes of one another, zeroes. */
static struct kv_bytes
random_key(uint64_t *seed, unsigned char bytes[KEY_MAX])
{
	size_t len = 1 + next_random(seed) % (KEY_MAX - 1), i;

	for (i = 0; i < len; i++)
		bytes[i] = i < 14 ? (unsigned char)(i == 3)
				  : (unsigned char)(next_random(seed) % 3);
	bytes[0] = (unsigned char)(next_random(seed) % 8);
	bytes[len - 1] = (unsigned char)next_random(seed);
	return (struct kv_bytes){bytes, len};
}

static void
check_same(struct kv_txn *txn, const struct model *model)
{
	struct kv_cursor *cursor = kv_cursor_new(txn, KV_CONV);
	struct kv_bytes key, value;
	enum kv_result result;
	size_t at = 0;

	assert_non_null(cursor);
	result = kv_seek(cursor, (struct kv_bytes){"", 1}, &key, &value);
	for (; result == KV_OK; result = kv_next(cursor, &key, &value)) {
		assert_true(at < model->n);
		assert_int_equal(order(key, key_of(&model->pairs[at])), 0);
		assert_int_equal(value.len, sizeof(uint32_t));
		assert_memory_equal(value.data, &model->pairs[at].value,
		    sizeof(uint32_t));
		at++;
	}
	assert_int_equal(result, KV_NONE);
	assert_int_equal(at, model->n);
	result = kv_last(cursor, &key, &value);
	assert_int_equal(result, model->n != 0 ? KV_OK : KV_NONE);
	if (model->n != 0)
		assert_int_equal(order(key,
		    key_of(&model->pairs[model->n - 1])), 0);
	kv_cursor_free(cursor);
}

static void
check_seek(struct kv_txn *txn, const struct model *model, struct kv_bytes key)
{
	struct kv_cursor *cursor = kv_cursor_new(txn, KV_CONV);
	struct kv_bytes found, value;
	enum kv_result result;
	bool equal;
	size_t at = model_seek(model, key, &equal);

	assert_non_null(cursor);
	result = kv_seek(cursor, key, &found, &value);
	assert_int_equal(result, at < model->n ? KV_OK : KV_NONE);
	if (result == KV_OK)
		assert_int_equal(order(found, key_of(&model->pairs[at])), 0);
	assert_int_equal(kv_get(txn, KV_CONV, key, &value),
	    equal ? KV_OK : KV_NONE);
	kv_cursor_free(cursor);
}

static void
step(struct kv_txn *txn, struct model *model, uint64_t *seed)
{
	unsigned char bytes[KEY_MAX];
	struct kv_bytes key = random_key(seed, bytes), value;
	uint32_t number = next_random(seed);
	bool equal;

	value.data = &number;
	value.len = sizeof(number);
	model_seek(model, key, &equal);
	switch (next_random(seed) % 8) {
	case 0:
	case 1:
		assert_int_equal(kv_del(txn, KV_CONV, key),
		    equal ? KV_OK : KV_NONE);
		model_del(model, key);
		break;
	case 2:
		check_seek(txn, model, key);
		break;
	default:
		assert_int_equal(kv_put(txn, KV_CONV, key, value), KV_OK);
		model_put(model, key, number);
		break;
	}
}

static void
run_model(const char *kind, uint64_t seed)
{
	struct model *model = calloc(1, sizeof(*model));
	struct model *kept = calloc(1, sizeof(*kept));
	struct kv *kv = open_kv(kind);
	struct kv_txn *reader, *txn;
	int round, i;

	assert_true(model != NULL && kept != NULL);
	reader = kv_reader_new(kv, NULL);
	assert_non_null(reader);
	for (round = 0; round < 60; round++) {
		txn = kv_begin(kv, NULL);
		assert_non_null(txn);
		*kept = *model;
		for (i = 0; i < 100; i++)
			step(txn, model, &seed);
		check_same(txn, model);
		if (next_random(&seed) % 3 == 0) {
			kv_abort(txn);
			*model = *kept;
		} else {
			assert_int_equal(kv_commit(txn, NULL), KV_OK);
		}
		assert_int_equal(kv_renew(reader), KV_OK);
		check_same(reader, model);
		kv_reset(reader);
	}
	txn = kv_begin(kv, NULL);
	while (model->n > 0) {
		i = (int)(next_random(&seed) % model->n);
		assert_int_equal(kv_del(txn, KV_CONV,
		    key_of(&model->pairs[i])), KV_OK);
		model_del(model, key_of(&model->pairs[i]));
	}
	assert_int_equal(kv_commit(txn, NULL), KV_OK);
	assert_int_equal(kv_renew(reader), KV_OK);
	check_same(reader, model);
	kv_reset(reader);
	kv_reader_free(reader);
	kv_close(kv);
	free(model);
	free(kept);
}

static void
memory_behaves_as_the_model(void **state)
{
	uint64_t seed;

	(void)state;
	for (seed = 1; seed <= 5; seed++)
		run_model("memory", seed);
}

static void
lmdb_behaves_as_the_model(void **state)
{
	(void)state;
	run_model("lmdb", 1);
}

/* Ascending keys in the middle of the table, as a log before its head. */
static void
a_long_log(const char *kind)
{
	struct kv *kv = open_kv(kind);
	struct kv_txn *txn = kv_begin(kv, NULL);
	struct kv_cursor *cursor;
	struct kv_bytes found, value = {"v", 1};
	struct key key;
	uint64_t seq;

	for (seq = 1; seq <= 20000; seq++) {
		key_head(&key, 7);
		assert_int_equal(kv_put(txn, KV_CONV, key_bytes(&key), value),
		    KV_OK);
		key_record(&key, 7, seq);
		assert_int_equal(kv_put(txn, KV_CONV, key_bytes(&key), value),
		    KV_OK);
		key_u64(&key, seq);
		assert_int_equal(kv_append(txn, KV_CHG, key_bytes(&key),
		    value), KV_OK);
	}
	cursor = kv_cursor_new(txn, KV_CONV);
	key_record(&key, 7, 1);
	assert_int_equal(kv_seek(cursor, key_bytes(&key), &found, &value),
	    KV_OK);
	for (seq = 1; seq <= 20000; seq++) {
		key_record(&key, 7, seq);
		assert_int_equal(order(found, key_bytes(&key)), 0);
		assert_int_equal(kv_next(cursor, &found, &value), KV_OK);
	}
	key_head(&key, 7);
	assert_int_equal(order(found, key_bytes(&key)), 0);
	kv_cursor_free(cursor);
	kv_abort(txn);
	kv_close(kv);
}

static void
a_long_log_in_both(void **state)
{
	(void)state;
	a_long_log("memory");
	a_long_log("lmdb");
}

/* The order of keys is what the layout promises. */
static void
keys_are_in_order(void **state)
{
	struct key keys[8];
	size_t i;

	(void)state;
	key_record(&keys[0], 1, 1);
	key_record(&keys[1], 1, 2);
	key_record(&keys[2], 1, 256);
	key_record(&keys[3], 1, (UINT64_C(1) << 53) - 1);
	key_head(&keys[4], 1);
	key_info(&keys[5], 1);
	key_record(&keys[6], 2, 1);
	key_record(&keys[7], 256, 1);
	for (i = 0; i + 1 < 8; i++)
		assert_true(order(key_bytes(&keys[i]),
		    key_bytes(&keys[i + 1])) < 0);
	key_direct(&keys[0], 5, 9);
	key_direct(&keys[1], 9, 5);
	assert_int_equal(order(key_bytes(&keys[0]), key_bytes(&keys[1])), 0);
	key_device(&keys[2], 5, "a");
	key_device(&keys[3], 5, "a.b");
	key_device(&keys[4], 6, "a");
	assert_true(order(key_bytes(&keys[2]), key_bytes(&keys[3])) < 0);
	assert_true(order(key_bytes(&keys[3]), key_bytes(&keys[4])) < 0);
}

static void
put(struct kv *kv, enum kv_table table, struct kv_bytes key,
    struct kv_bytes value)
{
	struct error err = {0};
	struct kv_txn *txn = kv_begin(kv, &err);

	assert_non_null(txn);
	assert_int_equal(kv_put(txn, table, key, value), KV_OK);
	assert_int_equal(kv_commit(txn, &err), KV_OK);
}

/* As a program left it that did not know of accounts yet. */
static void
drop_tables(void)
{
	static const char *const names[] = {"account", "email", "family",
	    "token", "code", "range"};
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi table;
	size_t i;

	assert_int_equal(mdb_env_create(&env), 0);
	assert_int_equal(mdb_env_set_maxdbs(env, KV_TABLES), 0);
	assert_int_equal(mdb_env_open(env, folder, 0, 0600), 0);
	assert_int_equal(mdb_txn_begin(env, NULL, 0, &txn), 0);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(mdb_dbi_open(txn, names[i], 0, &table), 0);
		assert_int_equal(mdb_drop(txn, table, 1), 0);
	}
	assert_int_equal(mdb_txn_commit(txn), 0);
	mdb_env_close(env);
}

/* It is read as it is; who writes makes what is missing. */
static void
an_older_store_opens(void **state)
{
	const struct kv_bytes one = {"one", 3}, first = {"", 1};
	struct kv_bytes key, value;
	struct kv_cursor *cursor;
	struct error err = {0};
	struct kv_txn *reader;
	struct kv *kv;

	(void)state;
	kv = open_kv("lmdb");
	put(kv, KV_USER, one, one);
	kv_close(kv);
	drop_tables();
	kv = kv_lmdb_open_reading(folder, &err);
	if (kv == NULL)
		fail_msg("%s", err.text);
	reader = kv_reader_new(kv, &err);
	assert_int_equal(kv_renew(reader), KV_OK);
	assert_int_equal(kv_get(reader, KV_USER, one, &value), KV_OK);
	assert_int_equal(kv_get(reader, KV_ACCOUNT, one, &value), KV_NONE);
	cursor = kv_cursor_new(reader, KV_ACCOUNT);
	assert_non_null(cursor);
	assert_int_equal(kv_seek(cursor, first, &key, &value), KV_NONE);
	assert_int_equal(kv_next(cursor, &key, &value), KV_NONE);
	assert_int_equal(kv_last(cursor, &key, &value), KV_NONE);
	kv_cursor_free(cursor);
	kv_reset(reader);
	kv_reader_free(reader);
	kv_close(kv);
	kv = open_kv("lmdb");
	put(kv, KV_ACCOUNT, one, one);
	kv_close(kv);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(keys_are_in_order),
	    cmocka_unit_test(memory_behaves_as_the_model),
	    cmocka_unit_test_setup_teardown(lmdb_behaves_as_the_model,
		make_folder, remove_folder),
	    cmocka_unit_test_setup_teardown(a_long_log_in_both, make_folder,
		remove_folder),
	    cmocka_unit_test_setup_teardown(an_older_store_opens, make_folder,
		remove_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include "server/config_option.h"

#define AT(field) offsetof(struct config, field)
#define KIB 1024.0
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)
#define TIB (1024 * GIB)
#define COUNT_MAX 1e6
#define DAY_MS (24 * 3600 * 1000.0)
#define CENTURY_S (100 * 365 * 86400.0)

#define STRING(name, field) {name, CONFIG_STRING, AT(field), NULL, 0, 0, NULL}
#define TEXT(name, field, fallback) \
	{name, CONFIG_STRING, AT(field), fallback, 0, 0, NULL}
#define LIST(name, field, fallback) \
	{name, CONFIG_LIST, AT(field), fallback, 0, 0, NULL}
#define BOOL(name, field, fallback) \
	{name, CONFIG_BOOL, AT(field), fallback, 0, 0, NULL}
#define CHOICE(name, field, fallback, words) \
	{name, CONFIG_CHOICE, AT(field), fallback, 0, 0, words}
#define COUNT(name, field, fallback, min, max) \
	{name, CONFIG_COUNT, AT(field), fallback, min, max, NULL}
#define RATE(name, field, fallback) \
	{name, CONFIG_RATE, AT(field), fallback, 0, COUNT_MAX, NULL}
#define TIME(name, field, fallback, min, max) \
	{name, CONFIG_MILLISECONDS, AT(field), fallback, min, max, NULL}
#define SECONDS(name, field, fallback, min, max) \
	{name, CONFIG_SECONDS, AT(field), fallback, min, max, NULL}
#define AGE(name, field) SECONDS(name, field, "0s", 0, 100 * 365 * 86400.0)
#define SIZE(name, field, fallback, min, max) \
	{name, CONFIG_BYTES, AT(field), fallback, min, max, NULL}
#define SIZE_64(name, field, fallback, min, max) \
	{name, CONFIG_BYTES_64, AT(field), fallback, min, max, NULL}

/* In the order of enum config_auth, config_registration, … */
static const char *const auth_words[] = {"open", "token", NULL};
static const char *const registration_words[] = {
    "auto", "open", "invitation", "closed", NULL};
static const char *const store_words[] = {"lmdb", "memory", NULL};
static const char *const level_words[] = {
    "debug", "info", "warn", "error", "off", NULL};

const struct config_option config_options[] = {
    LIST("listen", listen, "127.0.0.1:8000"),
    TEXT("socket_mode", socket_mode, "0660"),
    LIST("trusted_proxies", trusted_proxies, NULL),
    TEXT("data", data, "data"),
    STRING("scripts", scripts),
    STRING("admin_socket", admin_socket),
    CHOICE("auth", auth, "open", auth_words),
    BOOL("open_anywhere", open_anywhere, "false"),
    LIST("origins", origins, NULL),
    LIST("hosts", hosts, NULL),
    CHOICE("store", store, "lmdb", store_words),
    COUNT("workers", workers, "0", 0, 256),
    TIME("ping_interval", ping_interval_ms, "25s", 1000, DAY_MS),
    TIME("drain", drain_ms, "10s", 0, DAY_MS),

    /* listeners, certificates, proxies */
    LIST("tls.certificates", tls.certificates, NULL),
    LIST("tls.keys", tls.keys, NULL),

    /* the process */
    STRING("process.user", process.user),
    STRING("process.group", process.group),
    BOOL("process.core", process.core, "false"),
    CHOICE("log.level", log.level, "info", level_words),
    BOOL("log.json", log.json, "false"),

    /* accounts */
    CHOICE("accounts.registration", accounts.registration, "auto",
        registration_words),
    SECONDS("accounts.access_ttl", accounts.access_ttl_s, "10m", 1,
        CENTURY_S),
    SECONDS("accounts.refresh_idle", accounts.refresh_idle_s, "14d", 1,
        CENTURY_S),
    SECONDS("accounts.refresh_ttl", accounts.refresh_ttl_s, "90d", 1,
        CENTURY_S),
    SECONDS("accounts.refresh_grace", accounts.refresh_grace_s, "30s", 0,
        3600),
    SECONDS("accounts.reset_ttl", accounts.reset_ttl_s, "15m", 1, 86400),
    COUNT("accounts.password_cost", accounts.password_cost, "17", 4, 18),
    COUNT("accounts.hash_threads", accounts.hash_threads, "2", 1, 64),
    COUNT("accounts.hash_queue", accounts.hash_queue, "64", 1, 100000),

    /* monitors */
    LIST("metrics_from", metrics_from, NULL),

    /* outgoing requests of scripts */
    LIST("http.allow", http.allow, NULL),
    LIST("http.allow_private", http.allow_private, NULL),

    /* tokens */
    LIST("token.keys", token.keys, NULL),
    STRING("token.secret_file", token.secret_file),
    STRING("token.issuer", token.issuer),
    STRING("token.audience", token.audience),
    STRING("token.outside_issuer", token.outside_issuer),
    STRING("token.outside_audience", token.outside_audience),
    STRING("token.outside_keys", token.outside_keys),
    TEXT("token.outside_name_claim", token.outside_name_claim, "sub"),
    SECONDS("token.ttl", token.ttl_s, "30d", 1, CENTURY_S),

    SIZE_64("lmdb.map_size", lmdb.map_size_bytes, "1TiB", MIB, 64 * TIB),
    SIZE_64("lmdb.min_free", lmdb.min_free_bytes, "64MiB", 0, TIB),
    COUNT("lmdb.readers", lmdb.readers, "2", 1, 64),

    AGE("retention.direct_age", retention.direct.age_s),
    COUNT("retention.direct_messages", retention.direct.messages, "0", 0,
        1e9),
    AGE("retention.group_age", retention.group.age_s),
    COUNT("retention.group_messages", retention.group.messages, "0", 0, 1e9),
    AGE("retention.lobby_age", retention.lobby.age_s),
    COUNT("retention.lobby_messages", retention.lobby.messages, "0", 0, 1e9),
    TIME("retention.sweep", retention.sweep_ms, "60s", 1000, DAY_MS),

    COUNT("chat.lobby_history", chat.lobby_history, "50", 0, 1000),
    COUNT("chat.catch_up_limit", chat.catch_up_limit, "1000", 1, COUNT_MAX),
    TIME("chat.presence_grace", chat.presence_grace_ms, "10s", 0, DAY_MS),
    TIME("chat.idle_after", chat.idle_after_ms, "10m", 1000, DAY_MS),
    SECONDS("chat.edit_window", chat.edit_window_s, "48h", 0, CENTURY_S),
    SECONDS("chat.delete_window", chat.delete_window_s, "0", 0, CENTURY_S),
    BOOL("chat.keep_versions", chat.keep_versions, "false"),

    SIZE("budgets.memory", budgets.memory_bytes, "64MiB", MIB, 2 * GIB),
    TIME("budgets.filter_warn", budgets.filter_warn_ms, "5ms", 1, 60000),
    TIME("budgets.filter", budgets.filter_ms, "50ms", 2, 60000),
    TIME("budgets.command", budgets.command_ms, "100ms", 2, 60000),
    TIME("budgets.load", budgets.load_ms, "2s", 2, 600000),

    COUNT("limits.address_connections", limits.address_connections, "64", 0,
        COUNT_MAX),
    COUNT("limits.address_unauthenticated", limits.address_unauthenticated,
        "16", 0, COUNT_MAX),
    COUNT("limits.user_connections", limits.user_connections, "20", 0,
        COUNT_MAX),
    RATE("limits.address_connect_rate", limits.address_connect.per_s, "2"),
    COUNT("limits.address_connect_burst", limits.address_connect.burst, "20",
        1, COUNT_MAX),
    RATE("limits.user_message_rate", limits.user_message.per_s, "5"),
    COUNT("limits.user_message_burst", limits.user_message.burst, "20", 1,
        COUNT_MAX),
    RATE("limits.conversation_message_rate",
        limits.conversation_message.per_s, "2"),
    COUNT("limits.conversation_message_burst",
        limits.conversation_message.burst, "10", 1, COUNT_MAX),
    RATE("limits.user_join_rate", limits.user_join.per_s, "1"),
    COUNT("limits.user_join_burst", limits.user_join.burst, "10", 1,
        COUNT_MAX),
    TIME("limits.typing_interval", limits.typing_interval_ms, "3s", 100,
        60000),
    TIME("limits.abuse", limits.abuse_ms, "10s", 1000, DAY_MS),
    SIZE("limits.header_bytes", limits.header_bytes, "16KiB", KIB, MIB),
    SIZE("limits.unauthenticated_bytes", limits.unauthenticated_bytes,
        "8KiB", KIB, MIB),
    SIZE("limits.message_bytes", limits.message_bytes, "64KiB", KIB,
        64 * MIB),
    COUNT("limits.message_fragments", limits.message_fragments, "64", 1,
        COUNT_MAX),
    TIME("limits.header_timeout", limits.header_timeout_ms, "10s", 100,
        DAY_MS),
    TIME("limits.auth_timeout", limits.auth_timeout_ms, "10s", 100, DAY_MS),
    TIME("limits.tls_timeout", limits.tls_timeout_ms, "10s", 100, DAY_MS),
    SIZE("limits.queue_soft", limits.queue_soft_bytes, "256KiB", KIB, GIB),
    /* A page of the catch-up has up to 256 KiB before it is encoded. */
    SIZE("limits.queue_hard", limits.queue_hard_bytes, "1MiB", 512 * KIB,
	2 * GIB),
    TIME("limits.queue_stall", limits.queue_stall_ms, "10s", 100, DAY_MS),
    COUNT("limits.queue_memory_percent", limits.queue_memory_percent, "25",
        1, 90),
    /* guessing, HTTP */
    RATE("limits.address_account_rate", limits.address_account.per_s, "0.02"),
    COUNT("limits.address_account_burst", limits.address_account.burst,
        "100", 1, COUNT_MAX),
    RATE("limits.address_request_rate", limits.address_request.per_s, "10"),
    COUNT("limits.address_request_burst", limits.address_request.burst,
        "100", 1, COUNT_MAX),
    SIZE("limits.body_rate", limits.body_rate, "1KiB", 1, MIB),
    TIME("limits.lockdown_slow", limits.lockdown_slow_ms, "10s", 100, DAY_MS),
    TIME("limits.guess_account", limits.guess_account_ms, "60s", 0, DAY_MS),
    COUNT("limits.guess_account_burst", limits.guess_account_burst, "5", 1,
        COUNT_MAX),
    TIME("limits.guess_address", limits.guess_address_ms, "3s", 0, DAY_MS),
    COUNT("limits.guess_address_burst", limits.guess_address_burst, "20", 1,
        COUNT_MAX),

    /* groups and people */
    COUNT("limits.group_members", limits.group_members, "10000", 2,
        COUNT_MAX),
    COUNT("limits.user_groups", limits.user_groups, "500", 1, 100000),
    COUNT("limits.user_devices", limits.user_devices, "20", 1, 1000),
    {NULL, CONFIG_STRING, 0, NULL, 0, 0, NULL}};

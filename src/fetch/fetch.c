/* SPDX-License-Identifier: MIT */
#include "fetch/fetch.h"

#include <curl/curl.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "fetch/rules.h"

/*
 *	fetch_post() ──> waiting ──> (the thread) under way ──> logged
 *
 * The lock is for the rules, the list of those that wait, and counts.
 */
#define TIMEOUT_MS 5000L
#define ANSWER_MAX (1024L * 1024)
#define REDIRECTS_MAX 3
#define UNDER_WAY_MAX 64
#define WHO_SIZE 128

struct job {
	struct job *next, **prev; /* waiting, then under way */
	struct fetch *fetch;
	CURL *easy;
	struct curl_slist *fields;
	char *url, *body;
	size_t len;
	long got; /* bytes of the answer */
	unsigned redirects;
	char origin[ORIGIN_SIZE];
	char who[WHO_SIZE];
};

struct fetch {
	const struct log *log;
	CURLM *multi;
	pthread_t thread;
	bool started;
	struct job *under_way; /* the thread's */
	size_t under_way_n;
	pthread_mutex_t lock;
	bool stopping;
	struct rules rules;
	struct job *waiting, **waiting_end;
	struct job_share { char who[WHO_SIZE]; unsigned n; } *shares;
	size_t shares_n, shares_size;
	size_t jobs_n;
};

/* ------------------------------------------------------------------ shares */

/* That of a script; NULL: it has none, or no memory to make one. */
static struct job_share *
find_share(struct fetch *fetch, const char *who, bool make)
{
	struct job_share *shares = fetch->shares;
	size_t i;

	for (i = 0; i < fetch->shares_n; i++) {
		if (strcmp(shares[i].who, who) == 0)
			return &shares[i];
	}
	if (!make)
		return NULL;
	if (fetch->shares_n == fetch->shares_size) {
		shares = realloc(shares,
		    (fetch->shares_size + 8) * sizeof(*shares));
		if (shares == NULL)
			return NULL;
		fetch->shares = shares;
		fetch->shares_size += 8;
	}
	shares = &fetch->shares[fetch->shares_n++];
	memset(shares, 0, sizeof(*shares));
	strncpy(shares->who, who, WHO_SIZE - 1);
	return shares;
}

static void
drop_share(struct fetch *fetch, const char *who)
{
	struct job_share *share = find_share(fetch, who, false);

	if (share != NULL && --share->n == 0)
		*share = fetch->shares[--fetch->shares_n];
}

/* -------------------------------------------------------------------- jobs */

/* What may hold a secret is wiped. */
static void
job_free(struct job *job)
{
	if (job == NULL)
		return;
	curl_easy_cleanup(job->easy);
	curl_slist_free_all(job->fields);
	if (job->body != NULL)
		explicit_bzero(job->body, job->len);
	free(job->body);
	free(job->url);
	free(job);
}

static int
copy_fields(struct job *job, const char *const *fields)
{
	struct curl_slist *more;

	for (; fields != NULL && *fields != NULL; fields++) {
		more = curl_slist_append(job->fields, *fields);
		if (more == NULL)
			return -1;
		job->fields = more;
	}
	return 0;
}

static struct job *
job_new(struct fetch *fetch, const struct fetch_request *request)
{
	struct job *job = calloc(1, sizeof(*job));

	if (job == NULL)
		return NULL;
	job->fetch = fetch;
	job->len = request->len;
	strncpy(job->who, request->who, WHO_SIZE - 1);
	job->url = strdup(request->url);
	job->body = malloc(request->len + 1);
	if (job->url == NULL || job->body == NULL ||
	    copy_fields(job, request->fields) == -1) {
		job_free(job);
		return NULL;
	}
	memcpy(job->body, request->body, request->len);
	return job;
}

/* ------------------------------------------------------------- the defences */

static bool
may_go_to(struct fetch *fetch, const char *url, char origin[ORIGIN_SIZE])
{
	bool may;

	if (origin_of(url, origin) == -1)
		return false;
	pthread_mutex_lock(&fetch->lock);
	may = rules_allow_origin(&fetch->rules, origin);
	pthread_mutex_unlock(&fetch->lock);
	return may;
}

/* The address that the name has resolved to, and that is connected to. */
static curl_socket_t
on_open(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct job *job = arg;
	bool may;

	(void)purpose;
	pthread_mutex_lock(&job->fetch->lock);
	may = rules_allow_address(&job->fetch->rules, &address->addr);
	pthread_mutex_unlock(&job->fetch->lock);
	if (!may) {
		log_write(job->fetch->log, LOG_LEVEL_WARN, "http.refused",
		    "script=%s origin=%s: its address is a private one; "
		    "http.allow_private lists exceptions", job->who,
		    job->origin);
		return CURL_SOCKET_BAD;
	}
	return socket(address->family, address->socktype | SOCK_CLOEXEC,
	    address->protocol);
}

/* The answer's body is of no use; one that does not end is ended. */
static size_t
on_answer(char *data, size_t size, size_t n, void *arg)
{
	struct job *job = arg;

	(void)data;
	job->got += (long)(size * n);
	return job->got > ANSWER_MAX ? 0 : size * n;
}

static int
set_options(struct job *job)
{
	CURL *easy = job->easy;
	bool ok = true;

	ok &= !curl_easy_setopt(easy, CURLOPT_URL, job->url);
	ok &= !curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	ok &= !curl_easy_setopt(easy, CURLOPT_PROXY, "");
	ok &= !curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	ok &= !curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, TIMEOUT_MS);
	/* Nor is the end of a look-up awaited that has taken longer. */
	ok &= !curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
	ok &= !curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	ok &= !curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
	ok &= !curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
	ok &= !curl_easy_setopt(easy, CURLOPT_USERAGENT,
	    "synctalk/" SYNCTALK_VERSION);
	ok &= !curl_easy_setopt(easy, CURLOPT_POST, 1L);
	ok &= !curl_easy_setopt(easy, CURLOPT_POSTFIELDS, job->body);
	ok &= !curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)job->len);
	ok &= !curl_easy_setopt(easy, CURLOPT_HTTPHEADER, job->fields);
	ok &= !curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open);
	ok &= !curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, job);
	ok &= !curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_answer);
	ok &= !curl_easy_setopt(easy, CURLOPT_WRITEDATA, job);
	ok &= !curl_easy_setopt(easy, CURLOPT_PRIVATE, (void *)job);
	return ok ? 0 : -1;
}

/* -------------------------------------------------------------- the thread */

static void
unlink_job(struct job *job)
{
	*job->prev = job->next;
	if (job->next != NULL)
		job->next->prev = job->prev;
	job->fetch->under_way_n--;
}

/* It is over: the end of the job. */
static void
finish(struct job *job)
{
	struct fetch *fetch = job->fetch;

	unlink_job(job);
	pthread_mutex_lock(&fetch->lock);
	drop_share(fetch, job->who);
	fetch->jobs_n--;
	pthread_mutex_unlock(&fetch->lock);
	job_free(job);
}

static void
say_failed(const struct job *job, const char *why)
{
	log_write(job->fetch->log, LOG_LEVEL_WARN, "http.failed",
	    "script=%s origin=%s: %s", job->who, job->origin, why);
}

/* Sets off, to job->url. */
static void
depart(struct job *job)
{
	const char *why = NULL;

	if (!may_go_to(job->fetch, job->url, job->origin)) {
		why = "http.allow does not list this origin (any more)";
	} else {
		job->easy = curl_easy_init();
		if (job->easy == NULL || set_options(job) == -1 ||
		    curl_multi_add_handle(job->fetch->multi, job->easy) !=
		    CURLM_OK)
			why = "no memory";
	}
	if (why == NULL)
		return;
	say_failed(job, why);
	finish(job);
}

/*
 * RFC 9110, 15.4.8 and 15.4.9: these two ask for the same request at another
 * place; after the others nothing is left to be posted.
 */
static bool
is_sent_on(long status)
{
	return status == 307 || status == 308;
}

/* Fields may hold what only the former origin is to know. */
static void
keep_type_alone(struct job *job)
{
	static const char type[] = "Content-Type:";
	struct curl_slist *field, *kept = NULL;

	for (field = job->fields; field != NULL && kept == NULL;
	    field = field->next) {
		if (strncasecmp(field->data, type, strlen(type)) == 0)
			kept = curl_slist_append(NULL, field->data);
	}
	curl_slist_free_all(job->fields);
	job->fields = kept;
}

/* True when it goes on. */
static bool
send_on(struct job *job)
{
	char *location = NULL, *url = NULL, origin[ORIGIN_SIZE];

	if (curl_easy_getinfo(job->easy, CURLINFO_REDIRECT_URL, &location) ==
	    CURLE_OK && location != NULL)
		url = strdup(location);
	if (url == NULL || job->redirects++ == REDIRECTS_MAX) {
		free(url);
		return false;
	}
	curl_multi_remove_handle(job->fetch->multi, job->easy);
	curl_easy_cleanup(job->easy);
	job->easy = NULL;
	job->got = 0;
	if (origin_of(url, origin) == -1 || strcmp(origin, job->origin) != 0)
		keep_type_alone(job);
	free(job->url);
	job->url = url;
	depart(job);
	return true;
}

static void
arrive(struct job *job, CURLcode result)
{
	long status = 0;

	curl_easy_getinfo(job->easy, CURLINFO_RESPONSE_CODE, &status);
	if (result == CURLE_OK && is_sent_on(status) && send_on(job))
		return;
	if (result != CURLE_OK)
		say_failed(job, curl_easy_strerror(result));
	else
		log_write(job->fetch->log, status < 300 ? LOG_LEVEL_INFO :
		    LOG_LEVEL_WARN, "http.done", "script=%s origin=%s "
		    "status=%ld", job->who, job->origin, status);
	curl_multi_remove_handle(job->fetch->multi, job->easy);
	finish(job);
}

static void
take_arrived(struct fetch *fetch)
{
	struct job *job;
	CURLMsg *msg;
	int left;

	while ((msg = curl_multi_info_read(fetch->multi, &left)) != NULL) {
		if (msg->msg == CURLMSG_DONE && curl_easy_getinfo(
		    msg->easy_handle, CURLINFO_PRIVATE, (char **)&job) ==
		    CURLE_OK)
			arrive(job, msg->data.result);
	}
}

/* The next one that waits, or NULL. */
static struct job *
take_waiting(struct fetch *fetch, bool *stopping)
{
	struct job *job = NULL;

	pthread_mutex_lock(&fetch->lock);
	*stopping = fetch->stopping;
	if (!*stopping && fetch->under_way_n < UNDER_WAY_MAX)
		job = fetch->waiting;
	if (job != NULL) {
		fetch->waiting = job->next;
		if (fetch->waiting == NULL)
			fetch->waiting_end = &fetch->waiting;
	}
	pthread_mutex_unlock(&fetch->lock);
	return job;
}

static void
link_job(struct fetch *fetch, struct job *job)
{
	job->next = fetch->under_way;
	job->prev = &fetch->under_way;
	if (job->next != NULL)
		job->next->prev = &job->next;
	fetch->under_way = job;
	fetch->under_way_n++;
}

static void *
run(void *arg)
{
	struct fetch *fetch = arg;
	struct job *job;
	bool stopping;
	int running;

	for (;;) {
		while ((job = take_waiting(fetch, &stopping)) != NULL) {
			link_job(fetch, job);
			depart(job);
		}
		if (stopping)
			break;
		curl_multi_perform(fetch->multi, &running);
		take_arrived(fetch);
		curl_multi_poll(fetch->multi, NULL, 0, 1000, NULL);
	}
	while ((job = fetch->under_way) != NULL) {
		say_failed(job, "the server stops");
		if (job->easy != NULL)
			curl_multi_remove_handle(fetch->multi, job->easy);
		finish(job);
	}
	return NULL;
}

/* --------------------------------------------------------------- from others */

/* NULL, or why there is no room for one more. */
static const char *
enqueue(struct fetch *fetch, struct job *job)
{
	const char *why = NULL;
	struct job_share *share;

	pthread_mutex_lock(&fetch->lock);
	share = find_share(fetch, job->who, true);
	if (share == NULL)
		why = "there is no memory";
	else if (share->n == FETCH_EACH_MAX)
		why = "this script has too many requests under way";
	else if (fetch->jobs_n == FETCH_QUEUE_MAX)
		why = "too many requests are under way";
	if (why == NULL) {
		share->n++;
		fetch->jobs_n++;
		job->next = NULL;
		*fetch->waiting_end = job;
		fetch->waiting_end = &job->next;
	}
	pthread_mutex_unlock(&fetch->lock);
	return why;
}

int
fetch_post(struct fetch *fetch, const struct fetch_request *request,
    struct error *err)
{
	char origin[ORIGIN_SIZE];
	struct job *job;
	const char *why;

	if (strlen(request->url) > FETCH_URL_MAX ||
	    request->len > FETCH_BODY_MAX) {
		error_set(err, ERROR_INPUT, "a URL has at most %d bytes, a "
		    "body %d", FETCH_URL_MAX, FETCH_BODY_MAX);
		return -1;
	}
	if (!may_go_to(fetch, request->url, origin)) {
		error_set(err, ERROR_INPUT, "the operator does not allow "
		    "requests there: see http.allow in the configuration");
		return -1;
	}
	job = job_new(fetch, request);
	if (job == NULL) {
		error_set(err, ERROR_NOMEM, "no memory for a request");
		return -1;
	}
	why = enqueue(fetch, job);
	if (why != NULL) {
		error_set(err, ERROR_STATE, "%s", why);
		job_free(job);
		return -1;
	}
	curl_multi_wakeup(fetch->multi);
	return 0;
}

/* ---------------------------------------------------------------- lifetime */

int
fetch_check_rules(const struct fetch_rules *rules, struct error *err)
{
	struct rules read;

	if (rules_read(rules, &read, err) == -1)
		return -1;
	rules_fini(&read);
	return 0;
}

int
fetch_set_rules(struct fetch *fetch, const struct fetch_rules *rules,
    struct error *err)
{
	struct rules next, former;

	if (rules_read(rules, &next, err) == -1)
		return -1;
	pthread_mutex_lock(&fetch->lock);
	former = fetch->rules;
	fetch->rules = next;
	pthread_mutex_unlock(&fetch->lock);
	rules_fini(&former);
	return 0;
}

struct fetch *
fetch_new(const struct fetch_rules *rules, const struct log *log,
    struct error *err)
{
	struct fetch *fetch = calloc(1, sizeof(*fetch));
	int status;

	if (fetch == NULL) {
		error_set(err, ERROR_NOMEM, "no memory for outgoing requests");
		return NULL;
	}
	fetch->log = log;
	fetch->waiting_end = &fetch->waiting;
	pthread_mutex_init(&fetch->lock, NULL);
	curl_global_init(CURL_GLOBAL_DEFAULT);
	fetch->multi = curl_multi_init();
	if (fetch->multi == NULL)
		error_set(err, ERROR_NOMEM, "no memory for outgoing requests");
	if (fetch->multi == NULL ||
	    rules_read(rules, &fetch->rules, err) == -1)
		goto fail;
	status = pthread_create(&fetch->thread, NULL, run, fetch);
	if (status != 0) {
		errno = status;
		error_set_errno(err, "cannot start a thread");
		goto fail;
	}
	fetch->started = true;
	return fetch;
fail:
	fetch_free(fetch);
	return NULL;
}

void
fetch_free(struct fetch *fetch)
{
	struct job *job;

	if (fetch == NULL)
		return;
	if (fetch->started) {
		pthread_mutex_lock(&fetch->lock);
		fetch->stopping = true;
		pthread_mutex_unlock(&fetch->lock);
		curl_multi_wakeup(fetch->multi);
		pthread_join(fetch->thread, NULL);
	}
	while ((job = fetch->waiting) != NULL) {
		fetch->waiting = job->next;
		job_free(job);
	}
	if (fetch->multi != NULL)
		curl_multi_cleanup(fetch->multi);
	curl_global_cleanup();
	rules_fini(&fetch->rules);
	pthread_mutex_destroy(&fetch->lock);
	free(fetch->shares);
	free(fetch);
}

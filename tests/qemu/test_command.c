/* A command line as a value: items with their origin, words, shell quoting, values of options. */
#include "qemu/command_line.h"

#include <string.h>
#include <sys/wait.h>

static DmJson *json(const char *text)
{
        g_autoptr(GError) error = NULL;
        DmJson *j = dm_json_parse(text, strlen(text), &error);
        g_assert_no_error(error);
        return j;
}

static void assert_keyval(const char *object, const char *implied, const char *expected)
{
        g_autoptr(DmJson) j = json(object);
        g_autofree char *text = dm_keyval(j, implied);
        g_assert_cmpstr(text, ==, expected);
}

static void test_keyval(void)
{
        assert_keyval("{\"driver\":\"ide-hd\",\"bus\":\"ide.0\",\"unit\":0}", "driver",
                      "ide-hd,bus=ide.0,unit=0");
        /* The implied key comes first wherever it stands, and its absence is no error. */
        assert_keyval("{\"id\":\"o\",\"qom-type\":\"secret\"}", "qom-type", "secret,id=o");
        assert_keyval("{\"id\":\"o\"}", "qom-type", "id=o");
        assert_keyval("{\"a\":1}", NULL, "a=1");
        assert_keyval("{}", "driver", "");
}

static void test_keyval_scalars(void)
{
        assert_keyval("{\"a\":true,\"b\":false,\"c\":-5,\"d\":18446744073709551615}", NULL,
                      "a=on,b=off,c=-5,d=18446744073709551615");
        assert_keyval("{\"t\":\"true\",\"e\":\"\"}", NULL, "t=true,e=");
}

static void test_keyval_commas(void)
{
        assert_keyval("{\"driver\":\"a,b\",\"path\":\"/x,y,,z\",\"last\":\",\"}", "driver",
                      "a,,b,path=/x,,y,,,,z,last=,,");
        assert_keyval("{\"cache\":{\"a\":\"1,2\"}}", NULL, "cache.a=1,,2");
}

static void test_keyval_nested(void)
{
        assert_keyval("{\"cache\":{\"direct\":true,\"deep\":{\"x\":1}},\"z\":2}", NULL,
                      "cache.direct=on,cache.deep.x=1,z=2");
        assert_keyval("{\"host-nodes\":[1,2,5]}", NULL, "host-nodes=1-2,host-nodes=5");
        assert_keyval("{\"guestfwd\":[{\"str\":\"tcp:1-chardev:a\"},{\"str\":\"x\"}],\"id\":\"i\"}", NULL,
                      "guestfwd=tcp:1-chardev:a,guestfwd=x,id=i");
}

static void test_opts(void)
{
        g_autoptr(GString) s = g_string_new(NULL);
        dm_opts_append(s, "a", "1");
        dm_opts_append(s, "b", "x,y");
        dm_opts_appendf(s, "c", "%d,%s", 7, "z");
        g_assert_cmpstr(s->str, ==, "a=1,b=x,,y,c=7,,z");
}

static void test_items(void)
{
        int place = 0;
        g_autoptr(DmCommand) c = dm_command_new("/bin/q");
        g_assert_cmpuint(dm_command_count(c), ==, 0);
        dm_command_add(c, &place, NULL, "-name", "n");
        dm_command_add(c, NULL, "because", "-S", NULL);
        dm_command_addf(c, &place, "both", "-m", "%u", 12u);
        g_assert_cmpuint(dm_command_count(c), ==, 3);
        g_assert_true(dm_command_at(c, 0)->origin == &place);
        g_assert_null(dm_command_at(c, 0)->why);
        g_assert_cmpstr(dm_command_at(c, 1)->option, ==, "-S");
        g_assert_null(dm_command_at(c, 1)->value);
        g_assert_cmpstr(dm_command_at(c, 1)->why, ==, "because");
        g_assert_cmpstr(dm_command_at(c, 2)->value, ==, "12");
}

static void test_words(void)
{
        int place = 0;
        g_autoptr(DmCommand) c = dm_command_new("/bin/q");
        dm_command_env(c, "LC_ALL", "C");
        dm_command_env(c, "TZ", "Europe/Berlin");
        dm_command_add(c, &place, NULL, "-append", "a b 'c' \"d\"");
        dm_command_add(c, &place, NULL, "-S", NULL);
        dm_command_add(c, &place, NULL, "-empty", "");
        g_auto(GStrv) words = dm_command_words(c), env = dm_command_environment(c);
        static const char *const expected[] = {
                "/bin/q", "-append", "a b 'c' \"d\"", "-S", "-empty", "", NULL
        };
        static const char *const expected_env[] = { "LC_ALL=C", "TZ=Europe/Berlin", NULL };
        g_assert_cmpstrv(words, expected);
        g_assert_cmpstrv(env, expected_env);
}

/* What a shell makes of the printed command line is the words again, whatever is in them. */
static void test_format_shell(void)
{
        static const char *const values[] = {
                "plain",       "a b", "it's",  "\"q\"", "$HOME",   "`id`", "back\\slash", "a\nb", "grün ☃",
                "{\"a\":[1]}", "",    "*?[x]", "~",     "a;b|c&d", "!x",   "#y",          "''",   "a,b=c",
        };
        int place = 0;
        g_autoptr(DmCommand) c = dm_command_new("printf");
        dm_command_add(c, &place, NULL, "%s\\0", NULL);
        for (gsize i = 0; i < G_N_ELEMENTS(values); i++)
                dm_command_add(c, &place, NULL, "-x", values[i]);
        dm_command_env(c, "A_NAME", "it's set");
        g_autofree char *text = dm_command_format(c), *out = NULL;
        char *argv[] = { (char *)"/bin/sh", (char *)"-c", text, NULL };
        gsize length = 0;
        int status = -1, out_fd = -1;
        GPid pid = 0;
        g_autoptr(GError) error = NULL;
        g_assert_true(g_spawn_async_with_pipes(NULL, argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &pid,
                                               NULL, &out_fd, NULL, &error));
        g_assert_no_error(error);
        g_autoptr(GIOChannel) channel = g_io_channel_unix_new(out_fd);
        g_io_channel_set_encoding(channel, NULL, NULL);
        g_io_channel_set_close_on_unref(channel, TRUE);
        g_assert_cmpint(g_io_channel_read_to_end(channel, &out, &length, &error), ==, G_IO_STATUS_NORMAL);
        g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
        g_assert_cmpint(status, ==, 0);
        const char *at = out;
        for (gsize i = 0; i < G_N_ELEMENTS(values); i++) {
                g_assert_cmpstr(at, ==, "-x");
                at += strlen(at) + 1;
                g_assert_cmpstr(at, ==, values[i]);
                at += strlen(at) + 1;
        }
        g_assert_true(at == out + length);
}

static void test_format_lines(void)
{
        int place = 0;
        g_autoptr(DmCommand) c = dm_command_new("/usr/bin/qemu-system-x86_64");
        dm_command_env(c, "LC_ALL", "C");
        dm_command_add(c, &place, NULL, "-vnc", "[::1]:0");
        dm_command_add(c, &place, NULL, "-S", NULL);
        g_autofree char *text = dm_command_format(c);
        g_assert_cmpstr(text, ==, "LC_ALL=C \\\n/usr/bin/qemu-system-x86_64 \\\n-vnc '[::1]:0' \\\n-S\n");
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/qemu/command/keyval", test_keyval);
        g_test_add_func("/qemu/command/keyval/scalars", test_keyval_scalars);
        g_test_add_func("/qemu/command/keyval/commas", test_keyval_commas);
        g_test_add_func("/qemu/command/keyval/nested", test_keyval_nested);
        g_test_add_func("/qemu/command/opts", test_opts);
        g_test_add_func("/qemu/command/items", test_items);
        g_test_add_func("/qemu/command/words", test_words);
        g_test_add_func("/qemu/command/format/shell", test_format_shell);
        g_test_add_func("/qemu/command/format/lines", test_format_lines);
        return g_test_run();
}

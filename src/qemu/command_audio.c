/* <audio>: backends of the host (-audiodev).  <sound>: cards that play through them. */
#include "qemu/build_private.h"
#include "qemu/device_backends.h"

#include <string.h>

#include "conf/domain_audio.h"
#include "conf/domain_graphics.h"

/* ---- audio ---- */

/* Before -audiodev, one backend for all cards was chosen by the environment. */
static gboolean has_audiodev(const DmPlan *p)
{
        return p->caps->version >= DM_QEMU_VERSION(4, 2, 0);
}

static const DmAudio *find_audio(const DmPlan *p, DmOptU32 id)
{
        DM_FOREACH_DEVICE (p->domain, device) {
                const DmAudio *a = (const DmAudio *)device;
                if (device->kind == DM_DEVICE_AUDIO && (!id.set || a->id.value == id.value))
                        return a;
        }
        return NULL;
}

char *dm_audio_name(const DmPlan *p, DmOptU32 id)
{
        const DmAudio *a = has_audiodev(p) ? find_audio(p, id) : NULL;
        return a ? g_strdup_printf("audio%u", a->id.value) : NULL;
}

/* The backend that goes with how the guest is looked at: sound follows the picture. */
static DmAudioType default_audio(const DmDomain *d, const char **ret_why)
{
        DmAudioType type = DM_AUDIO_NONE;
        *ret_why = "no sound on the host unless it is asked for";
        DM_FOREACH_DEVICE (d, device) {
                if (device->kind != DM_DEVICE_GRAPHICS)
                        continue;
                switch (((const DmGraphics *)device)->type) {
                case DM_GRAPHICS_SPICE:
                        type = DM_AUDIO_SPICE;
                        *ret_why = "sound goes to the spice client";
                        break;
                case DM_GRAPHICS_SDL:
                        type = DM_AUDIO_SDL;
                        *ret_why = "sound goes where the SDL window is";
                        break;
                case DM_GRAPHICS_DBUS:
                        type = DM_AUDIO_DBUS;
                        *ret_why = "sound goes to the dbus client";
                        break;
                case DM_GRAPHICS_UNSET:
                case DM_GRAPHICS_VNC:
                case DM_GRAPHICS_RDP:
                case DM_GRAPHICS_DESKTOP:
                case DM_GRAPHICS_EGL_HEADLESS:
                        break;
                }
        }
        return type;
}

void dm_plan_default_audio(DmPlan *p)
{
        DmDomain *d = p->domain;
        const char *why = NULL;
        if (dm_domain_count(d, DM_DEVICE_AUDIO))
                return;
        DmAudioType type = default_audio(d, &why);
        DmAudio *a = dm_domain_add_device(d, DM_DEVICE_AUDIO);
        a->id = (DmOptU32)DM_OPT(1);
        a->type = type;
        dm_origins_explain(d->origins, a, "%s", why);
}

static const char *audio_driver(const DmAudio *a)
{
        if (a->type == DM_AUDIO_PULSEAUDIO)
                return "pa";
        return a->type == DM_AUDIO_FILE ? "wav" : dm_enum_name(&dm_audio_type, a->type);
}

/* TRUE when there is more to say than the environment of old emulators could. */
static gboolean audio_detailed(const DmAudio *a)
{
        DmAudio plain = { .dev = a->dev, .id = a->id, .type = a->type, .sdl_driver = a->sdl_driver };
        g_autofree char *difference = dm_xml_difference(&dm_audio_schema, a, &plain, 0);
        return difference != NULL;
}

static gboolean audio_check(const DmPlan *p, const DmDevice *device, const DmHost *host, GError **error)
{
        const DmAudio *a = (const DmAudio *)device;
        (void)host;
        if (has_audiodev(p))
                return TRUE;
        if (device != dm_domain_device(p->domain, DM_DEVICE_AUDIO, 0))
                return dm_plan_fail(p, device, device, error,
                                    "QEMU %s can have one audio backend only; 4.2 is the first with more",
                                    p->caps->version_text);
        if (audio_detailed(a))
                return dm_plan_fail(p, device, device, error,
                                    "QEMU %s cannot be told settings of a backend; 4.2 is the first",
                                    p->caps->version_text);
        return TRUE;
}

static void add_direction(DmJson *audio, const char *key, const DmAudioIo *io)
{
        g_autoptr(DmJson) j = dm_json_object_new();
        dm_props_yesno(j, "mixing-engine", io->mixing_engine);
        dm_props_yesno(j, "fixed-settings", io->fixed_settings);
        dm_props_u32(j, "voices", io->voices);
        dm_props_u32(j, "buffer-length", io->buffer_length);
        dm_props_u32(j, "frequency", io->frequency);
        dm_props_u32(j, "channels", io->channels);
        if (io->format)
                dm_json_add_string(j, "format", dm_enum_name(&dm_audio_format, io->format));
        dm_json_add_string(j, "dev", io->dev);
        dm_props_u32(j, "buffer-count", io->buffer_count);
        dm_props_yesno(j, "try-poll", io->try_poll);
        dm_json_add_string(j, "server-name", io->server_name);
        dm_json_add_string(j, "client-name", io->client_name);
        dm_json_add_string(j, "connect-ports", io->connect_ports);
        dm_props_yesno(j, "exact-name", io->exact_name);
        dm_json_add_string(j, "name", io->name);
        dm_json_add_string(j, "stream-name", io->stream_name);
        dm_props_u32(j, "latency", io->latency);
        g_autofree char *text = dm_json_to_string(j);
        if (strcmp(text, "{}") != 0)
                dm_json_add_take(audio, key, g_steal_pointer(&j));
}

static gboolean audio_backend(DmBuild *b, const DmDevice *device, GError **error)
{
        const DmAudio *a = (const DmAudio *)device;
        (void)error;
        if (a->type == DM_AUDIO_SDL && a->sdl_driver)
                dm_command_env(b->command, "SDL_AUDIODRIVER", dm_enum_name(&dm_sdl_driver, a->sdl_driver));
        if (!has_audiodev(b->plan)) {
                dm_command_env(b->command, "QEMU_AUDIO_DRV", audio_driver(a));
                return TRUE;
        }
        g_autoptr(DmJson) audio = dm_json_object_new();
        dm_json_add_stringf(audio, "id", "audio%u", a->id.value);
        dm_json_add_string(audio, "driver", audio_driver(a));
        dm_props_u32(audio, "timer-period", a->timer_period);
        dm_props_yesno(audio, "try-mmap", a->try_mmap);
        dm_props_yesno(audio, "exclusive", a->exclusive);
        if (a->dsp_policy.set)
                dm_json_add_int(audio, "dsp-policy", a->dsp_policy.value);
        dm_json_add_string(audio, "server", a->server_name);
        dm_json_add_string(audio, "path", a->path);
        add_direction(audio, "in", &a->in);
        add_direction(audio, "out", &a->out);
        g_autofree char *text = dm_json_to_string(audio);
        dm_command_add(b->command, device, NULL, "-audiodev", text);
        return TRUE;
}

const DmDeviceOps dm_audio_ops = {
        .order = DM_ORDER_AUDIO,
        .check = audio_check,
        .backend = audio_backend,
};

/* ---- sound ---- */

static gboolean is_hda(const DmSound *s)
{
        return s->model == DM_SOUND_ICH6 || s->model == DM_SOUND_ICH9;
}

static DmWants sound_wants(const DmPlan *p, const DmDevice *device)
{
        (void)p;
        switch (((const DmSound *)device)->model) {
        case DM_SOUND_ES1370:
        case DM_SOUND_AC97:
        case DM_SOUND_ICH6:
        case DM_SOUND_ICH9:
                return DM_WANTS_PCI;
        case DM_SOUND_USB:
                return DM_WANTS_USB;
        case DM_SOUND_SB16: /* its ports are where they always were */
        case DM_SOUND_PCSPK:
        case DM_SOUND_ICH7:
        case DM_SOUND_UNSET:
                break;
        }
        return DM_WANTS_NOTHING;
}

static char *sound_alias(const DmPlan *p, const DmDevice *device, unsigned n)
{
        (void)p;
        (void)device;
        return g_strdup_printf("sound%u", n);
}

static gboolean sound_check(const DmPlan *p, const DmDevice *device, const DmHost *host, GError **error)
{
        const DmSound *s = (const DmSound *)device;
        (void)host;
        if (s->model == DM_SOUND_ICH7)
                return dm_plan_fail(p, device, &s->model, error,
                                    "QEMU has no sound card 'ich7'; use 'ich6' or 'ich9'");
        if (s->model == DM_SOUND_PCSPK && !dm_plan_x86(p))
                return dm_plan_fail(p, device, &s->model, error, "machine '%s' has no PC speaker",
                                    p->board_name);
        if (s->model == DM_SOUND_SB16 && !(p->board->flags & DM_BOARD_ISA))
                return dm_plan_fail(p, device, &s->model, error, "machine '%s' has no ISA bus",
                                    p->board_name);
        return TRUE;
}

static gboolean sound_backend(DmBuild *b, const DmDevice *device, GError **error)
{
        const DmSound *s = (const DmSound *)device;
        g_autofree char *audio = dm_audio_name(b->plan, s->audio_id);
        (void)error;
        if (s->model != DM_SOUND_PCSPK)
                return TRUE;
        /* The speaker is on the board; it is connected, not added. */
        if (audio && b->plan->caps->version >= DM_QEMU_VERSION(5, 1, 0))
                dm_command_addf(b->command, device, NULL, "-machine", "pcspk-audiodev=%s", audio);
        else
                dm_command_add(b->command, device, NULL, "-soundhw", "pcspk");
        return TRUE;
}

static DmJson *sound_props(const DmPlan *p, const DmDevice *device, GError **error)
{
        static const char *const drivers[] = {
                [DM_SOUND_SB16] = "sb16",           [DM_SOUND_ES1370] = "ES1370",
                [DM_SOUND_AC97] = "AC97",           [DM_SOUND_ICH6] = "intel-hda",
                [DM_SOUND_ICH9] = "ich9-intel-hda", [DM_SOUND_USB] = "usb-audio",
        };
        const DmSound *s = (const DmSound *)device;
        g_autofree char *audio = dm_audio_name(p, s->audio_id);
        (void)error;
        if (s->model == DM_SOUND_PCSPK || s->model >= G_N_ELEMENTS(drivers))
                return NULL;
        DmJson *props = dm_json_object_new();
        dm_json_add_string(props, "driver", drivers[s->model]);
        dm_json_add_string(props, "id", device->alias);
        if (!is_hda(s))
                dm_json_add_string(props, "audiodev", audio);
        dm_props_address(p, device, props);
        return props;
}

/* Codecs of a card that names none: one that plays and records. */
static gboolean sound_parts(DmBuild *b, const DmDevice *device, GError **error)
{
        static const char *const drivers[] = {
                [DM_CODEC_UNSET] = "hda-duplex",
                [DM_CODEC_DUPLEX] = "hda-duplex",
                [DM_CODEC_MICRO] = "hda-micro",
                [DM_CODEC_OUTPUT] = "hda-output",
        };
        const DmSound *s = (const DmSound *)device;
        guint n = s->codecs ? s->codecs->len : 0;
        g_autofree char *audio = dm_audio_name(b->plan, s->audio_id);
        (void)error;
        for (guint i = 0; is_hda(s) && i < MAX(n, 1); i++) {
                const DmSoundCodec *c = n ? g_ptr_array_index(s->codecs, i) : NULL;
                DmJson *props = dm_json_object_new();
                dm_json_add_string(props, "driver", drivers[c ? c->type : DM_CODEC_UNSET]);
                dm_json_add_stringf(props, "id", "%s-codec%u", device->alias, i);
                dm_json_add_stringf(props, "bus", "%s.0", device->alias);
                dm_json_add_uint(props, "cad", i);
                dm_json_add_string(props, "audiodev", audio);
                dm_build_device(b, device, NULL, props);
        }
        return TRUE;
}

const DmDeviceOps dm_sound_ops = {
        .order = DM_ORDER_SOUND,
        .wants = sound_wants,
        .alias = sound_alias,
        .check = sound_check,
        .backend = sound_backend,
        .props = sound_props,
        .parts = sound_parts,
};

/* <audio>, <sound>: rows, and the rules between them.  Both directions of a backend have the same rows. */
#include "conf/domain_audio.h"

DM_ENUM_TABLE(dm_audio_type, "audio type", [DM_AUDIO_NONE] = "none", [DM_AUDIO_ALSA] = "alsa",
              [DM_AUDIO_COREAUDIO] = "coreaudio", [DM_AUDIO_JACK] = "jack", [DM_AUDIO_OSS] = "oss",
              [DM_AUDIO_PULSEAUDIO] = "pulseaudio", [DM_AUDIO_SDL] = "sdl", [DM_AUDIO_SPICE] = "spice",
              [DM_AUDIO_FILE] = "file", [DM_AUDIO_DBUS] = "dbus");
DM_ENUM_TABLE(dm_audio_format,
              "sample format", [DM_AUDIO_U8] = "u8", [DM_AUDIO_S8] = "s8", [DM_AUDIO_U16] = "u16",
              [DM_AUDIO_S16] = "s16", [DM_AUDIO_U32] = "u32", [DM_AUDIO_S32] = "s32", [DM_AUDIO_F32] = "f32");
DM_ENUM_TABLE(dm_sdl_driver, "SDL audio driver", [DM_SDL_ESD] = "esd", [DM_SDL_ALSA] = "alsa",
              [DM_SDL_ARTS] = "arts", [DM_SDL_PULSEAUDIO] = "pulseaudio");
DM_ENUM_TABLE(dm_sound_model, "sound model", [DM_SOUND_SB16] = "sb16", [DM_SOUND_ES1370] = "es1370",
              [DM_SOUND_PCSPK] = "pcspk", [DM_SOUND_AC97] = "ac97", [DM_SOUND_ICH6] = "ich6",
              [DM_SOUND_ICH9] = "ich9", [DM_SOUND_USB] = "usb", [DM_SOUND_ICH7] = "ich7");
DM_ENUM_TABLE(
        dm_codec_type,
        "codec type", [DM_CODEC_DUPLEX] = "duplex", [DM_CODEC_MICRO] = "micro", [DM_CODEC_OUTPUT] = "output");

/* ---- audio ---- */

#define ON(...) DM_WHEN(DmAudio, type, __VA_ARGS__)

#define SETTINGS_ROWS(io)                                                      \
        DM_U32(DmAudio, io.frequency, "frequency", .min = 1, .doc = "Hertz."), \
                DM_U32(DmAudio, io.channels, "channels", .min = 1),            \
                DM_ENUM(DmAudio, io.format, "format", dm_audio_format)

/* The rows of jack and pulseaudio stand apart because a name means something else for each. */
#define IO_ROWS(io, settings)                                                                             \
        DM_ENUM(DmAudio, io.mixing_engine, "mixingEngine", dm_yes_no, .doc = "QEMU mixes and converts."), \
                DM_ENUM(DmAudio, io.fixed_settings, "fixedSettings", dm_yes_no,                           \
                        .doc = "The host is given <settings>, whatever the guest plays."),                \
                DM_U32(DmAudio, io.voices, "voices", .min = 1),                                           \
                DM_U32(DmAudio, io.buffer_length, "bufferLength", .min = 1, .doc = "Microseconds."),      \
                DM_STRING(DmAudio, io.dev, "dev", ON(DM_AUDIO_ALSA, DM_AUDIO_OSS), .doc = "Device."),     \
                DM_U32(DmAudio, io.buffer_count, "bufferCount", .min = 1,                                 \
                       ON(DM_AUDIO_COREAUDIO, DM_AUDIO_OSS, DM_AUDIO_SDL)),                               \
                DM_ENUM(DmAudio, io.try_poll, "tryPoll", dm_yes_no, ON(DM_AUDIO_OSS)),                    \
                DM_STRING(DmAudio, io.server_name, "serverName", ON(DM_AUDIO_JACK)),                      \
                DM_STRING(DmAudio, io.client_name, "clientName", ON(DM_AUDIO_JACK)),                      \
                DM_STRING(DmAudio, io.connect_ports, "connectPorts", ON(DM_AUDIO_JACK),                   \
                          .doc = "Regular expression of ports to connect to."),                           \
                DM_ENUM(DmAudio, io.exact_name, "exactName", dm_yes_no, ON(DM_AUDIO_JACK)),               \
                DM_STRING(DmAudio, io.name, "name", ON(DM_AUDIO_PULSEAUDIO), .doc = "Sink or source."),   \
                DM_STRING(DmAudio, io.stream_name, "streamName", ON(DM_AUDIO_PULSEAUDIO)),                \
                DM_U32(DmAudio, io.latency, "latency", .min = 1, ON(DM_AUDIO_PULSEAUDIO),                 \
                       .doc = "Microseconds."),                                                           \
                DM_IN(settings)

static const DmXmlRow in_settings_rows[] = { SETTINGS_ROWS(in), { 0 } };
static const DmXmlElement in_settings = { "settings", in_settings_rows, .doc = "What the host is given." };
static const DmXmlRow in_rows[] = { IO_ROWS(in, in_settings), { 0 } };
static const DmXmlElement in_element = { "input", in_rows, .doc = "What the guest records." };

static const DmXmlRow out_settings_rows[] = { SETTINGS_ROWS(out), { 0 } };
static const DmXmlElement out_settings = { "settings", out_settings_rows, .doc = "What the host is given." };
static const DmXmlRow out_rows[] = { IO_ROWS(out, out_settings), { 0 } };
static const DmXmlElement out_element = { "output", out_rows, .doc = "What the guest plays." };

static const DmXmlRow audio_rows[] = {
        DM_U32(DmAudio, id, "id", .flags = DM_REQUIRED, .min = 1, .doc = "What <sound> refers to."),
        DM_ENUM(DmAudio, type, "type", dm_audio_type, .flags = DM_REQUIRED),
        DM_U32(DmAudio, timer_period, "timerPeriod", .min = 1, .doc = "Microseconds."),
        DM_ENUM(DmAudio, try_mmap, "tryMMap", dm_yes_no, ON(DM_AUDIO_OSS)),
        DM_ENUM(DmAudio, exclusive, "exclusive", dm_yes_no, ON(DM_AUDIO_OSS)),
        DM_I64(DmAudio, dsp_policy, "dspPolicy", ON(DM_AUDIO_OSS)),
        DM_STRING(DmAudio, server_name, "serverName", ON(DM_AUDIO_PULSEAUDIO)),
        DM_ENUM(DmAudio, sdl_driver, "driver", dm_sdl_driver, ON(DM_AUDIO_SDL)),
        DM_STRING(DmAudio, path, "path", ON(DM_AUDIO_FILE)),
        DM_IN(in_element),
        DM_IN(out_element),
        { 0 },
};

/* What QEMU would refuse as well, but without a line number. */
static void check_direction(const DmAudioIo *io, const DmXmlCheck *c)
{
        gboolean settings = io->frequency.set || io->channels.set || io->format;
        if (io->mixing_engine == DM_NO && io->fixed_settings == DM_YES)
                dm_check_fail(c, &io->fixed_settings, DM_ERROR_INVALID_XML,
                              "fixedSettings needs the mixing engine");
        if (settings && (io->fixed_settings == DM_NO || io->mixing_engine == DM_NO))
                dm_check_fail(c,
                              io->frequency.set  ? (const void *)&io->frequency
                              : io->channels.set ? (const void *)&io->channels
                                                 : (const void *)&io->format,
                              DM_ERROR_INVALID_XML, "<settings> needs fixedSettings='yes'");
}

static void check_audio(const void *base, const DmXmlCheck *c)
{
        const DmAudio *a = base;
        check_direction(&a->in, c);
        check_direction(&a->out, c);
}

static const char *audio_label(const void *base)
{
        return dm_enum_name(&dm_audio_type, ((const DmAudio *)base)->type);
}

const DmXmlElement dm_audio_schema = {
        "audio",
        audio_rows,
        sizeof(DmAudio),
        "Where sound goes on the host.",
        .check = check_audio,
        .label = audio_label,
};

/* ---- sound ---- */

static const DmXmlRow codec_rows[] = {
        DM_ENUM(DmSoundCodec, type, "type", dm_codec_type, .flags = DM_REQUIRED | DM_ABI),
        { 0 },
};
static const DmXmlElement codec_element = { "codec", codec_rows, sizeof(DmSoundCodec),
                                            "What is behind an HDA controller." };
static const DmXmlRow sound_audio_rows[] = {
        DM_U32(DmSound, audio_id, "id", .flags = DM_REQUIRED, .min = 1),
        { 0 },
};
static const DmXmlElement sound_audio = { "audio", sound_audio_rows, .doc = "The backend it plays through." };

static const DmXmlRow sound_rows[] = {
        DM_ENUM(DmSound, model, "model", dm_sound_model, .flags = DM_REQUIRED | DM_ABI),
        DM_LIST(DmSound, codecs, codec_element, .flags = DM_ABI,
                DM_WHEN(DmSound, model, DM_SOUND_ICH6, DM_SOUND_ICH9)),
        DM_IN(sound_audio),
        DM_DEVICE_TAIL(DmSound),
        { 0 },
};

static const char *sound_label(const void *base)
{
        return dm_enum_name(&dm_sound_model, ((const DmSound *)base)->model);
}

const DmXmlElement dm_sound_schema = {
        "sound", sound_rows, sizeof(DmSound), "A sound card.", .label = sound_label,
};

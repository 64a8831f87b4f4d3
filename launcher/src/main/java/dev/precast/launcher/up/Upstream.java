package dev.precast.launcher.up;

import dev.precast.launcher.layout.LayoutRegistry;
import dev.precast.launcher.layout.OciLayout;
import dev.precast.schemas.image.Reference;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Where images come from: a registry, or a layout behind a registry of our own.
 *
 * @param url without {@code /v2/}
 * @param layout absent when the upstream is a registry
 * @param samples whether the layout is the bundled one
 */
record Upstream(String url, Optional<OciLayout> layout, Optional<LayoutRegistry> registry, boolean samples)
        implements AutoCloseable {
    /** The launcher script says where Precast lies. */
    private static final String HOME = "precast.home";

    /** @param registryUrl empty when none is configured */
    static Upstream open(String registryUrl, Optional<Path> directory) throws IOException {
        if (!registryUrl.isEmpty() && directory.isPresent()) {
            throw new IOException(
                    "Cannot have two upstreams: found both --registry and --layout, expected one of them. Leave one out.");
        }
        if (!registryUrl.isEmpty()) {
            return new Upstream(registryUrl, Optional.empty(), Optional.empty(), false);
        }
        OciLayout layout = OciLayout.open(directory.orElseGet(Upstream::bundled));
        LayoutRegistry registry = LayoutRegistry.start(layout);
        return new Upstream(registry.url(), Optional.of(layout), Optional.of(registry), directory.isEmpty());
    }

    /** Tags of the layout, in the order of its index; none for a registry. */
    List<Reference> tags() {
        return layout.map(OciLayout::tags).orElse(List.of());
    }

    String description() {
        return layout.map(l -> (samples ? "the bundled samples, " : "the layout ") + l.directory())
                .orElse(url);
    }

    @Override
    public void close() {
        registry.ifPresent(LayoutRegistry::close);
    }

    private static Path bundled() {
        return Path.of(System.getProperty(HOME, "."), "examples", "samples");
    }
}

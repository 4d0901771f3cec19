// SPDX-License-Identifier: Apache-2.0
package dev.kfr.agent.record;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ContainerNameTest {
    private static final String ID = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    private static final String POD = "5f2e1c3a-8d2b-4c11-9d7e-0a1b2c3d4e5f";

    @ParameterizedTest
    @CsvSource({
        // Docker, with cgroupfs and with systemd
        "/docker/ID, 0123456789ab",
        "/system.slice/docker-ID.scope, 0123456789ab",
        "/docker/ID/system.slice/nginx.service, 0123456789ab",
        "/user.slice/user-1000.slice/user@1000.service/user.slice/docker-ID.scope, 0123456789ab",
        "/user.slice/user-1000.slice/user@1000.service/app.slice/docker-ID.scope/init, 0123456789ab",
        "/system.slice:docker:ID, 0123456789ab",
        // containerd, Podman, CRI-O
        "/default/ID, 0123456789ab",
        "/system.slice/nerdctl-ID.scope, 0123456789ab",
        "/machine.slice/libpod-ID.scope, 0123456789ab",
        "/machine.slice/libpod-ID.scope/container, 0123456789ab",
        "/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-ID.scope, 0123456789ab",
        "/libpod_parent/libpod-ID, 0123456789ab",
        "/libpod_parent/ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff/libpod-ID, 0123456789ab",
        "/machine.slice/machine-libpod_pod_ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff.slice/libpod-ID.scope/container, 0123456789ab",
        "/system.slice/web.service/libpod-payload-ID, 0123456789ab",
        // what watches a container from outside
        "/machine.slice/libpod-conmon-ID.scope, libpod-conmon-0123456789ab.scope",
        "/system.slice/crio-conmon-ID.scope, crio-conmon-0123456789ab.scope",
        "/system.slice/web.service/runtime, web.service",
        // Kubernetes, cgroupfs and systemd, all classes
        "/kubepods/burstable/podPOD/ID, pod5f2e1c3a/0123456789ab",
        "/kubepods/podPOD/ID, pod5f2e1c3a/0123456789ab",
        "/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-podUID.slice/cri-containerd-ID.scope, pod5f2e1c3a/0123456789ab",
        "/kubepods.slice/kubepods-podUID.slice/crio-ID.scope, pod5f2e1c3a/0123456789ab",
        "/system.slice/containerd.service/kubepods-burstable-podUID.slice:cri-containerd:ID, pod5f2e1c3a/0123456789ab",
        "/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-podUID.slice/cri-containerd-ID.scope, pod5f2e1c3a/0123456789ab",
        "/kubepods.slice/kubepods-podUID.slice, pod5f2e1c3a",
        "/kubepods/besteffort/podPOD/ID, pod5f2e1c3a/0123456789ab",
        "/kubepods/burstable/podPOD/crio-ID, pod5f2e1c3a/0123456789ab",
        "/kubepods/burstable/podPOD/kata_ID, pod5f2e1c3a/0123456789ab",
        "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podUID.slice/crio-ID.scope/container, pod5f2e1c3a/0123456789ab",
        "/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-podUID.slice/docker-ID.scope, pod5f2e1c3a/0123456789ab",
        // a static pod, whose id is a hash
        "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod7260904bbd08e72e4dff95d9fccd2ee8.slice/cri-containerd-ID.scope, pod7260904b/0123456789ab",
        // Kubernetes in Docker
        "/docker/ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff/kubelet/kubepods/burstable/podPOD/ID, pod5f2e1c3a/0123456789ab",
        "/system.slice/docker-ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff.scope/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-burstable.slice/kubelet-kubepods-burstable-podUID.slice/cri-containerd-ID.scope, pod5f2e1c3a/0123456789ab",
        // Amazon ECS
        "/ecs/0123456789abcdef0123456789abcdef/0123456789abcdef0123456789abcdef-1234567890, 0123456789ab",
        "/ecs/my-cluster/11111111-2222/ID, 0123456789ab",
        "/ecstasks.slice/ecstasks-0123456789abcdef0123456789abcdef.slice/docker-ID.scope, 0123456789ab",
        // Garden
        "/system.slice/garden.service/garden/6f265890-5165-7fab-6b52-18d1, 6f265890-5165-7fab-6b52-18d1",
        // LXC, LXD, Incus, Proxmox; systemd-nspawn and others that systemd-machined knows
        "/lxc.payload/web, web",
        "/lxc.payload.project_web/user.slice/user-0.slice/session-1.scope, project_web",
        "/lxc/100/ns/system.slice/ssh.service, 100",
        "/lxc.monitor.web, lxc.monitor.web",
        "/machine.slice/systemd-nspawn@my\\x2dbox.service/payload, my-box",
        "/machine.slice/systemd-nspawn@box.service/payload/system.slice/cron.service, box",
        "/machine.slice/machine-qemu\\x2d1\\x2dvm.scope/libvirt/emulator, qemu-1-vm",
        "/lxc.payload.web/system.slice/cron.service, web",
        "/lxc/web/init.scope, web",
        "/machine.slice/machine-my\\x2dbox.scope/payload, my-box",
        // a container in a container
        "/docker/ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff/docker/ID, 0123456789ab",
        // systemd
        "/system.slice/nginx.service, nginx.service",
        "/system.slice/system-getty.slice/getty@tty1.service, getty@tty1.service",
        "/user.slice/user-1000.slice/session-3.scope, session-3.scope",
        "/user.slice/user-1000.slice, user-1000.slice",
        "/init.scope, init.scope",
        "/user.slice/user-1000.slice/user@1000.service/init.scope, user@1000.service",
        "/user.slice/user-1000.slice/user@1000.service/app.slice/app-gnome-firefox-4711.scope, app-gnome-firefox-4711.scope",
        "/user.slice/user-1000.slice/user@1000.service/session.slice/dbus.service, dbus.service",
        "/system.slice/postgresql.service/below, postgresql.service",
        "/system.slice, system.slice",
        "/nomad.slice/share.slice/0d7b4cd9-1f8c.web.scope, 0d7b4cd9-1f8c.web.scope",
        "/system.slice/dev-disk\\x2d1.service, dev-disk-1.service",
        // others
        "/my/group, group",
        "/process_api/a5dd7293bc14ebf557515de6377b96f3, a5dd7293bc14",
        "/, ''",
        "'', ''",
    })
    void isShortAndTellsWhatCounts(String path, String name) {
        String real =
                path.replace("UID", POD.replace('-', '_')).replace("POD", POD).replace("ID", ID);
        assertEquals(name, ContainerName.ofPath(real));
    }

    @Test
    void thePathIsThatOfTheHierarchyAskedFor() {
        var hybrid = List.of("9:name=systemd:/", "4:cpu,memory:/docker/" + ID, "0::/user.slice");
        assertEquals("/docker/" + ID, CgroupFile.path(hybrid, "memory"));
        assertEquals("/docker/" + ID, CgroupFile.path(hybrid, "cpu"));
        assertEquals("/user.slice", CgroupFile.path(hybrid, ""));
        assertEquals(null, CgroupFile.path(hybrid, "pids"));
        assertEquals("/a:b", CgroupFile.path(List.of("0::/a:b"), ""));
    }

    @ParameterizedTest
    @CsvSource({
        "/, /, /",
        "/docker/one, /, /docker/one",
        "/, /docker/one, /docker/one",
        "/init.scope, /docker/one, /docker/one/init.scope",
        "/../two, /docker/one, /docker/two",
        "/../../../system.slice/cron.service, /docker/one, /system.slice/cron.service",
    })
    void aPathSeenInANamespaceIsThatOfTheHierarchyAgain(String seen, String namespace, String path) {
        assertEquals(path, CgroupFile.absolute(seen, namespace));
    }
}

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
        // containerd, Podman, CRI-O
        "/default/ID, 0123456789ab",
        "/system.slice/nerdctl-ID.scope, 0123456789ab",
        "/machine.slice/libpod-ID.scope, 0123456789ab",
        "/machine.slice/libpod-ID.scope/container, 0123456789ab",
        "/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-ID.scope, 0123456789ab",
        "/libpod_parent/libpod-ID, 0123456789ab",
        // Kubernetes, cgroupfs and systemd, all classes
        "/kubepods/burstable/podPOD/ID, pod5f2e1c3a/0123456789ab",
        "/kubepods/podPOD/ID, pod5f2e1c3a/0123456789ab",
        "/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-podUID.slice/cri-containerd-ID.scope, pod5f2e1c3a/0123456789ab",
        "/kubepods.slice/kubepods-podUID.slice/crio-ID.scope, pod5f2e1c3a/0123456789ab",
        "/system.slice/containerd.service/kubepods-burstable-podUID.slice:cri-containerd:ID, pod5f2e1c3a/0123456789ab",
        "/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-podUID.slice/cri-containerd-ID.scope, pod5f2e1c3a/0123456789ab",
        "/kubepods.slice/kubepods-podUID.slice, pod5f2e1c3a",
        // Amazon ECS
        "/ecs/0123456789abcdef0123456789abcdef/0123456789abcdef0123456789abcdef-1234567890, 0123456789ab",
        "/ecs/my-cluster/11111111-2222/ID, 0123456789ab",
        // LXC, systemd-nspawn
        "/lxc.payload.web/system.slice/cron.service, web",
        "/lxc/web/init.scope, web",
        "/machine.slice/machine-my\\x2dbox.scope/payload, my-box",
        // a container in a container
        "/docker/ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff/docker/ID, 0123456789ab",
        // seen from another cgroup namespace
        "/../ID, 0123456789ab",
        "/.., ''",
        // systemd
        "/system.slice/nginx.service, nginx.service",
        "/system.slice/system-getty.slice/getty@tty1.service, getty@tty1.service",
        "/user.slice/user-1000.slice/session-3.scope, session-3.scope",
        "/user.slice/user-1000.slice, user-1000.slice",
        "/init.scope, init.scope",
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
    void ofThisProcessComesFromWhatTheRuntimeBoundIntoIt() {
        assertEquals(
                "0123456789ab",
                ContainerName.ofMounts(List.of(
                        "700 690 254:1 / / rw - overlay overlay rw",
                        "710 700 254:1 /var/lib/docker/containers/" + ID
                                + "/resolv.conf /etc/resolv.conf rw,relatime - ext4 /dev/vda1 rw")));
        assertEquals(
                "0123456789ab",
                ContainerName.ofMounts(List.of("710 700 0:25 /containers/overlay-containers/" + ID
                        + "/userdata/hostname /etc/hostname rw - tmpfs tmpfs rw")));
        assertEquals(
                "pod5f2e1c3a",
                ContainerName.ofMounts(List.of("710 700 254:1 /var/lib/kubelet/pods/" + POD
                        + "/etc-hosts /etc/hosts rw - ext4 /dev/vda1 rw")));
        assertEquals("", ContainerName.ofMounts(List.of("22 1 254:1 / / rw - ext4 /dev/vda1 rw")));
    }

    @Test
    void thePathIsThatOfTheHierarchyAskedForUnlessAnotherSaysMore() {
        List<String> hybrid = List.of("9:name=systemd:/", "4:cpu,memory:/docker/" + ID, "0::/");
        assertEquals("/docker/" + ID, CgroupFile.path(hybrid, "memory"));
        assertEquals("/", CgroupFile.path(hybrid, ""));
        assertEquals(null, CgroupFile.path(hybrid, "pids"));
        assertEquals("/docker/" + ID, CgroupFile.bestPath(hybrid, ""));
        assertEquals("/", CgroupFile.bestPath(List.of("0::/"), ""));
    }
}

/** Objects as the API shows them. */
import type { Instance, System } from './system.ts'

export function instancePath({ id }: Instance): string {
  return `/app_instances/${id}`
}

export function storageView(system: System, instance: Instance, active: readonly string[], portal: string): object {
  const path = `${instancePath(instance)}/storage_instances/storage-1`
  const available = instance.online && instance.looksUntilReady <= 0
  return {
    path,
    name: 'storage-1',
    health: 'ok',
    admin_state: instance.online ? 'online' : 'offline',
    op_state: available ? 'available' : 'unavailable',
    deployment_state: 'deployed',
    access_control_mode: 'deny_all',
    acl_policy: aclView(instance),
    access: instance.online ? { path: `${path}/access`, ips: [portal], iqn: instance.iqn } : {},
    auth: {
      type: instance.auth ? 'chap' : 'none',
      target_user_name: instance.auth?.user ?? '',
      target_pswd: '(hidden)',
      initiator_user_name: '',
      initiator_pswd: '(hidden)',
    },
    active_initiators: active,
    volumes: [volumeView(system, instance)],
  }
}

export function volumeView(_system: System, instance: Instance): object {
  return {
    path: `${instancePath(instance)}/storage_instances/storage-1/volumes/volume-1`,
    name: 'volume-1',
    size: instance.sizeGib,
    replica_count: instance.replicaCount,
    ...instance.placement,
    op_state: 'available',
    op_status: 'none',
    health: 'ok',
    snapshots: [],
    snapshot_policies: [],
  }
}

export function aclView(instance: Instance): object {
  return {
    path: `${instancePath(instance)}/storage_instances/storage-1/acl_policy`,
    initiators: instance.initiators.map((name) => ({ path: `/initiators/${name}` })),
    initiator_groups: [],
  }
}

export function instanceView(system: System, instance: Instance, active: readonly string[], portal: string): object {
  return {
    tenant: instance.tenant,
    path: instancePath(instance),
    id: instance.id,
    uuid: instance.uuid,
    name: instance.name,
    descr: instance.descr,
    create_mode: instance.createMode,
    health: 'ok',
    admin_state: instance.online ? 'online' : 'offline',
    op_state: 'available',
    deployment_state: 'deployed',
    access_control_mode: 'deny_all',
    app_template: { path: '', resolved_path: '', resolved_tenant: '' },
    storage_instances: [storageView(system, instance, active, portal)],
    snapshots: [],
    snapshot_policies: [],
  }
}

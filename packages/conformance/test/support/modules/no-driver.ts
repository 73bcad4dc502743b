export default { name: 'nothing' }
